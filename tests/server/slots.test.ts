import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { logEvents, spans } from "#miniserve";
import { ApiError } from "../../server/http/errors.ts";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import { RawConnection, rawPost } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listLogSequence,
  listTree,
  treeBefore,
  treeUpTo,
} from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const slots = 2;
const queueLimit = 18;
/** Never done before its client leaves. */
const endless = { prompt: "the story", max_tokens: 15_000, stream: true };

const newTraceId = (): string => randomBytes(16).toString("hex");
const createParentHeader = (traceId: string) => ({
  traceparent: `00-${traceId}-${"c".repeat(16)}-01`,
});

describe("slots and the queue behind them", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;

  withServer(
    {
      model: endlessModel(),
      settings: {
        MINISERVE_SLOTS: String(slots),
        MINISERVE_QUEUE_LIMIT: String(queueLimit),
        MINISERVE_SLOT_TOKENS: "16000",
      },
    },
    (running) => {
      ({ receiver, server } = running);
    },
  );

  interface Sent {
    readonly connection: RawConnection;
    readonly traceId: string;
  }

  async function send(body: object): Promise<Sent> {
    const traceId = newTraceId();
    const connection = await RawConnection.open(server.port);
    connection.write(rawPost("/v1/completions", body, createParentHeader(traceId)));
    return { connection, traceId };
  }

  const reached = (event: { readonly name: string }, { traceId }: Sent): Promise<unknown> =>
    server.waitForLine(
      `${event.name} of ${traceId}`,
      (line) => line.event === event.name && line.trace_id === traceId,
    );

  async function status(): Promise<{ slots_busy: number; queue_length: number }> {
    const answer = await fetch(`${server.url}/readyz`);
    const { slots_busy, queue_length } = JSON.parse(await answer.text());
    return { slots_busy, queue_length };
  }

  /** Requests that hold every slot. */
  async function holdAll(): Promise<Sent[]> {
    const holders = await Promise.all(Array.from({ length: slots }, () => send(endless)));
    await Promise.all(holders.map((holder) => reached(logEvents.inputPrefilled, holder)));
    return holders;
  }

  async function leave(sent: readonly Sent[]): Promise<void> {
    for (const { connection, traceId } of sent) {
      connection.destroy();
      assertSound(await createRequestRecord(server, receiver, traceId));
    }
  }

  test("several requests are worked on at a time", async () => {
    const holders = await holdAll();
    const before = holders.map(({ connection }) => connection.received.length);
    for (const [index, { connection }] of holders.entries()) {
      const length = before[index] ?? 0;
      await connection.waitFor("more of each", (received) => received.length > length + 2_000);
    }
    assert.deepEqual(await status(), { slots_busy: slots, queue_length: 0 });
    await leave(holders);
    assert.deepEqual(await status(), { slots_busy: 0, queue_length: 0 });
  });

  test("when the queue is full, the next one is told when to come again: queue_full", async () => {
    const holders = await holdAll();
    const waiting = await Promise.all(Array.from({ length: queueLimit }, () => send(endless)));
    await Promise.all(waiting.map((sent) => reached(logEvents.inputTokenized, sent)));
    assert.deepEqual(await status(), { slots_busy: slots, queue_length: queueLimit });
    const answer = await postJson(`${server.url}/v1/completions`, endless);
    const expected = new ApiError("queue_full");
    assert.equal(answer.status, expected.status);
    assert.deepEqual(JSON.parse(answer.text), expected.toBody());
    assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d?$/);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    const { outcome, errorType } = getValues(record, spans.handler);
    assert.deepEqual([outcome, errorType], ["rejected", "queue_full"]);
    assert.deepEqual(listTree(record), treeBefore(spans.prefill));
    assert.deepEqual(listLogSequence(record), [
      "request.received @ http.handler",
      "input.tokenized @ tokenize.input",
      "request.finished @ http.handler",
    ]);
    // Those that wait leave first, so that none of them gets a slot.
    await leave([...waiting, ...holders]);
    assert.deepEqual(await status(), { slots_busy: 0, queue_length: 0 });
  });

  test("first come, first served", async () => {
    const holders = await holdAll();
    const waiting: Sent[] = [];
    for (let index = 0; index < 6; index++) {
      const sent = await send({ prompt: "x", max_tokens: 1 });
      await reached(logEvents.inputTokenized, sent);
      waiting.push(sent);
    }
    await leave(holders.slice(0, 1));
    await Promise.all(waiting.map(({ connection }) => connection.closed()));
    await leave(holders.slice(1));
    const order = server.lines
      .filter(({ event }) => event === logEvents.slotAcquired.name)
      .map(({ trace_id }) => trace_id)
      .filter((id) => waiting.some(({ traceId }) => traceId === id));
    assert.deepEqual(
      order,
      waiting.map(({ traceId }) => traceId),
    );
    const [first] = waiting;
    const record = await createRequestRecord(server, receiver, first?.traceId ?? "");
    assert.ok(Number(getValues(record, spans.handler).slotWaitUs) > 0);
  });

  /** The request's number is in what its stages count, so that a stage of another one shows. */
  async function assertOwn(traceId: string, number: number): Promise<void> {
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), treeUpTo(spans.format));
    const counts = [
      getValues(record, spans.tokenize).tokensIn,
      getValues(record, spans.prefill).tokensIn,
      getValues(record, spans.decode).tokensOut,
      getValues(record, spans.format).tokensOut,
    ];
    assert.deepEqual(counts, [number + 1, number + 1, number, number]);
  }

  test("twenty at once, whole and streamed, leave twenty trees, each with its own stages", async () => {
    const ask = async (number: number): Promise<void> => {
      const prompt = Array.from({ length: number }, () => "story").join(" ");
      const body = { prompt, max_tokens: number, stream: number % 2 === 0, temperature: 1 };
      const answer = await postJson(`${server.url}/v1/completions`, body);
      assert.equal(answer.status, 200, answer.text);
      await assertOwn(answer.traceId, number);
    };
    // Between them some that are refused and some that leave.
    const others = [
      ...Array.from({ length: 5 }, () => postJson(`${server.url}/v1/completions`, { prompt: 7 })),
      ...Array.from({ length: 3 }, async () => leave([await send(endless)])),
    ];
    const numbers = Array.from({ length: 17 }, (_, index) => index + 1);
    await Promise.all([...numbers.map(ask), ...others]);
  });

  test("fifty streams one after the other and at once have not one wrong parent", async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
    // As many at a time as the server takes.
    const next = numbers[Symbol.iterator]();
    const work = async (): Promise<void> => {
      for (const number of next) {
        const prompt = Array.from({ length: number }, () => "light").join(" ");
        const body = { prompt, max_tokens: number, stream: true };
        const answer = await postJson(`${server.url}/v1/completions`, body);
        assert.equal(answer.status, 200, answer.text);
        await assertOwn(answer.traceId, number);
      }
    };
    await Promise.all(Array.from({ length: slots + queueLimit }, work));
  });
});
