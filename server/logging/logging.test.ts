import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { LogLevel } from "#contract";
import { logEvents } from "#miniserve";
import { exampleEvents } from "./example-events.ts";
import type { Log } from "./log.ts";
import { createLogging, type Logging, type LoggingOptions } from "./logging.ts";

const ids = { trace_id: "0af7651916cd43dd8448eb211c80319c", span_id: "b7ad6b7169203331" };

describe("createLogging", () => {
  let folder = "";
  let stdout = new PassThrough();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "miniserve-log-"));
    stdout = new PassThrough();
  });

  afterEach(() => rm(folder, { recursive: true }));

  function start(options: Partial<LoggingOptions> = {}): Logging {
    return createLogging({
      level: "info",
      logFile: join(folder, "logs", "miniserve.log"),
      stdout,
      maxFileBytes: 1e6,
      maxFiles: 2,
      activeSpanIds: () => ids,
      events: exampleEvents,
      ...options,
    });
  }

  /** What was written, which must be the same in both places. */
  async function readLogLines(logging: Logging): Promise<Record<string, unknown>[]> {
    const received = text(stdout);
    await logging.close();
    stdout.end();
    const file = readFileSync(join(folder, "logs", "miniserve.log"), "utf8");
    assert.equal(await received, file);
    return file
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  test("writes time, level, ids, event and the fields under their wire names", async () => {
    const logging = start();
    const before = Date.now();
    logging.log(exampleEvents.loafBaked, { number: 7, flour: "rye", weightKg: 0 });
    const [line] = await readLogLines(logging);
    const { time, ...others } = line ?? {};
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Date.parse(String(time)) >= before && Date.parse(String(time)) <= Date.now());
    assert.deepEqual(others, {
      level: "info",
      ...ids,
      event: "loaf.baked",
      "bakery.number": 7,
      "bakery.flour": "rye",
      "bakery.weight_kg": 0,
    });
  });

  test("writes no ids when there is no span, or when asking for it fails", async () => {
    const logging = start({ activeSpanIds: () => undefined });
    logging.log(exampleEvents.ovenHot, { number: 1 });
    const broken = start({ activeSpanIds: () => assert.fail("no tracing") });
    broken.log(exampleEvents.ovenHot, { number: 2 });
    await broken.close();
    for (const line of await readLogLines(logging)) {
      assert.deepEqual(Object.keys(line), ["level", "time", "event", "bakery.number"]);
    }
  });

  test("writes the levels from the chosen one on, by name", async () => {
    const events = [
      exampleEvents.doughRested,
      exampleEvents.loafBaked,
      exampleEvents.ovenHot,
      exampleEvents.loafBurnt,
      exampleEvents.bakeryBurnt,
    ] as const;
    const levels: LogLevel[] = ["debug", "info", "warn", "error", "fatal"];
    for (const [index, level] of levels.entries()) {
      stdout = new PassThrough();
      const logFile = join(folder, "logs", "miniserve.log");
      await rm(logFile, { force: true });
      const logging = start({ level });
      for (const event of events) {
        logging.log(event, { number: 1 } as never);
      }
      const written = (await readLogLines(logging)).map((line) => line.level);
      assert.deepEqual(written, levels.slice(index));
    }
  });

  test("keeps the order of lines, libraries' included", async () => {
    const logging = start();
    for (let number = 0; number < 500; number++) {
      logging.log(exampleEvents.loafBaked, { number, flour: "rye" });
      logging.fastifyLogger.warn("something");
    }
    const lines = await readLogLines(logging);
    assert.deepEqual(
      lines.map((line) => line["bakery.number"] ?? "library"),
      Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? index / 2 : "library")),
    );
  });

  test("leaves out what the event does not take, counts it and says so once", async () => {
    const logging = start();
    const log = logging.log as (event: unknown, fields: unknown) => void;
    const unreadable = {
      number: 3,
      get flour() {
        return assert.fail("CANARY");
      },
    };
    for (const fields of [
      { number: "CANARY", flour: "rye" },
      { number: 1.5, flour: "rye" },
      { number: 1, flour: "CANARY" },
      { number: 2, flour: "rye", CANARY: "CANARY" },
      { number: 2, flour: "rye", baker: undefined },
      { number: 2, flour: "rye", toString: "CANARY" },
      unreadable,
      null,
      "CANARY",
    ]) {
      log(exampleEvents.loafBaked, fields);
    }
    const lines = await readLogLines(logging);
    const loaves = lines.filter((line) => line.event === "loaf.baked");
    assert.deepEqual(
      loaves.map((line) => [line["bakery.number"], line["bakery.flour"]]),
      [
        [undefined, "rye"],
        [undefined, "rye"],
        [1, undefined],
        [2, "rye"],
        [2, "rye"],
        [2, "rye"],
        [3, undefined],
        [undefined, undefined],
        [undefined, undefined],
      ],
    );
    const said = lines.filter((line) => line.event === "contract.violated");
    assert.deepEqual(
      said.map((line) => line.reason),
      [
        "loaf.baked was logged with bakery.number that is not a whole number",
        "loaf.baked was logged with bakery.flour that is not one of rye, wheat",
        "loaf.baked was logged with something that is not a field of it",
      ],
    );
    assert.equal(logging.statistics().fieldsDropped, 12);
    assert.doesNotMatch(JSON.stringify(lines), /CANARY/);
  });

  test("counts the lines that an output does not take", async () => {
    stdout.destroy();
    const logging = start();
    for (let number = 0; number < 10; number++) {
      logging.log(exampleEvents.loafBaked, { number, flour: "rye" });
    }
    await logging.close();
    assert.deepEqual(logging.statistics().linesDropped, { file: 0, stdout: 10 });
  });

  test("writes lines that come after close", async () => {
    const logging = start();
    logging.log(exampleEvents.ovenHot, { number: 1 });
    await logging.close();
    logging.logFinal(exampleEvents.bakeryBurnt, { number: 2 });
    assert.deepEqual(
      (await readLogLines(logging)).map((line) => line["bakery.number"]),
      [1, 2],
    );
  });

  test("takes miniserve's own contract", async () => {
    const logging = start({ events: logEvents });
    logging.log(logEvents.inputTokenized, { tokensIn: 23 });
    logging.fastifyLogger.error(new TypeError("CANARY"));
    const lines = await readLogLines(logging);
    assert.deepEqual(
      lines.map((line) => [line.event, line.level, line["exception.type"]]),
      [
        ["input.tokenized", "info", undefined],
        ["library.message", "error", "TypeError"],
      ],
    );
    assert.deepEqual(logging.statistics(), {
      fieldsDropped: 0,
      linesDropped: { file: 0, stdout: 0 },
    });
  });

  test("does not compile with fields that the event does not have", () => {
    const compiledOnly = (log: Log) => {
      log(exampleEvents.loafBaked, { number: 1, flour: "rye" });
      log(exampleEvents.loafBaked, { number: 1, flour: "rye", baker: "Ada" });
      // @ts-expect-error a required field is missing
      log(exampleEvents.loafBaked, { number: 1 });
      // @ts-expect-error there is no such field
      log(exampleEvents.loafBaked, { number: 1, flour: "rye", prompt: "x" });
      // @ts-expect-error not one of its values
      log(exampleEvents.loafBaked, { number: 1, flour: "spelt" });
      // @ts-expect-error a field of another event
      log(exampleEvents.ovenHot, { number: 1, flour: "rye" });
      // @ts-expect-error the wrong type
      log(logEvents.inputTokenized, { tokensIn: "23" });
    };
    assert.equal(typeof compiledOnly, "function");
  });
});
