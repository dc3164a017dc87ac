import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, test } from "node:test";

const program = [join(import.meta.dirname, "example-process.ts")];

describe("the logs of a process", { timeout: 120_000 }, () => {
  const children: ChildProcess[] = [];
  let folder = "";
  let logs = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "miniserve-log-"));
    logs = join(folder, "logs");
  });

  afterEach(async () => {
    // What a failed test left behind.
    for (const child of children.splice(0)) {
      child.kill("SIGKILL");
    }
    await rm(folder, { recursive: true });
  });

  function start(...parameters: string[]): ChildProcess {
    const child = spawn(process.execPath, [...program, ...parameters], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    children.push(child);
    return child;
  }

  const fileLines = () =>
    readdirSync(logs)
      .sort((a, b) => parseAge(b) - parseAge(a))
      .flatMap((name) => parseLines(readFileSync(join(logs, name), "utf8")));

  test("have the last line when it exits at once after a fatal error", async () => {
    const child = start("exit-at-once", join(logs, "miniserve.log"), "without-stdout");
    const [code] = await once(child, "exit");
    assert.equal(code, 7);
    assertLoaves(fileLines(), 3000);
    assert.equal(fileLines().at(-1)?.level, "fatal");
  });

  test("have the last line on stdout too when its reader keeps up", async () => {
    const child = start("fail-at-once");
    const [stdout, [code]] = await Promise.all([collectOutput(child).whole, once(child, "exit")]);
    assert.equal(code, 7);
    assert.deepEqual(
      parseLines(stdout).map((line) => line.event),
      ["bakery.burnt"],
    );
  });

  test("are whole after SIGTERM and close, on stdout and in all files", async () => {
    const child = start("until-sigterm", join(logs, "miniserve.log"));
    const exited = once(child, "exit");
    const output = collectOutput(child);
    await output.longerThan(150_000);
    child.kill("SIGTERM");
    const [stdout, [code]] = await Promise.all([output.whole, exited]);
    assert.equal(code, 0);
    const count = fileLines().length - 1;
    assert.ok(readdirSync(logs).length >= 3, `${count} lines`);
    assertLoaves(fileLines(), count);
    assertLoaves(parseLines(stdout), count);
  });

  test("are whole up to a SIGKILL", async () => {
    const child = start("until-killed", join(logs, "miniserve.log"));
    const output = collectOutput(child);
    await output.longerThan(150_000);
    child.kill("SIGKILL");
    const stdout = await output.whole;
    const seen = parseLines(stdout.slice(0, stdout.lastIndexOf("\n") + 1));
    const lines = fileLines();
    // Whoever read a line on stdout finds it in the file, but for the one being written.
    assert.ok(lines.length >= seen.length - 1, `${lines.length} of ${seen.length} lines`);
    assertInOrder(lines);
  });

  test("do not wait for a reader that is stuck, and tell so in the file", async () => {
    const child = start("much", join(logs, "miniserve.log"));
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    const failed = fileLines().filter((line) => line.event === "log.output_failed");
    assert.equal(failed.length, 1);
    assert.match(String(failed[0]?.reason), /Standard output .*NOT_READ/);
    assert.equal(fileLines().filter((line) => line.event === "loaf.baked").length, 40_000);
  });

  test("go on in the file when the reader of stdout is gone", async () => {
    const child = start("much", join(logs, "miniserve.log"));
    child.stdout?.destroy();
    const [errors, [code]] = await Promise.all([
      text(child.stderr ?? assert.fail()),
      once(child, "exit"),
    ]);
    assert.equal(code, 0);
    assert.equal(errors, "");
    const failed = fileLines().filter((line) => line.event === "log.output_failed");
    assert.equal(failed.length, 1);
    assert.match(String(failed[0]?.reason), /Standard output .*EPIPE/);
    assert.equal(fileLines().filter((line) => line.event === "loaf.baked").length, 40_000);
  });

  test("come back on a standard output that was full", () => {
    const stdoutFile = join(folder, "stdout");
    const limited = 'ulimit -f 8; file=$1; shift; exec "$@" >> "$file"';
    const command = [process.execPath, ...program, "full-stdout", "", stdoutFile];
    const { stderr } = spawnSync("bash", ["-c", limited, "bash", stdoutFile, ...command], {
      encoding: "utf8",
    });
    assert.deepEqual(
      parseLines(stderr).map((line) => line.event),
      ["log.output_failed"],
    );
    const lines = parseLines(readFileSync(stdoutFile, "utf8"));
    assert.deepEqual(
      lines.map((line) => line.event),
      ["loaf.baked", "log.output_recovered"],
    );
    assert.equal(lines[0]?.["bakery.number"], 100);
    assert.ok(Number(lines[1]?.["lines.dropped"]) > 10);
  });

  test("say on stderr what is wrong when nothing else takes a line", async () => {
    writeFileSync(logs, "a file where the folder should be");
    const child = start("nothing", join(logs, "miniserve.log"), "without-stdout");
    const errors = parseLines(await text(child.stderr ?? assert.fail()));
    assert.equal(errors.length, 1);
    assert.equal(errors[0]?.event, "log.output_failed");
    assert.match(String(errors[0]?.reason), /EEXIST/);
    assert.ok(errors[0]?.action);
  });

  test("say on stderr that both file and stdout are gone", async () => {
    writeFileSync(logs, "a file where the folder should be");
    const child = start("until-sigterm", join(logs, "miniserve.log"));
    child.stdout?.destroy();
    const stderr = child.stderr ?? assert.fail();
    const errors = text(stderr);
    await once(stderr, "readable");
    child.kill("SIGTERM");
    const [first, ...others] = parseLines(await errors);
    assert.match(String(first?.reason), /Standard output .*EPIPE/);
    assert.deepEqual(others, []);
  });

  test("go on on stdout when the file takes no line", async () => {
    writeFileSync(logs, "a file where the folder should be");
    const child = start("until-sigterm", join(logs, "miniserve.log"));
    const output = collectOutput(child);
    const errorOutput = text(child.stderr ?? assert.fail());
    await output.longerThan(10_000);
    child.kill("SIGTERM");
    const [stdout, errors] = await Promise.all([output.whole, errorOutput]);
    assert.equal(errors, "");
    const [first, ...others] = parseLines(stdout);
    assert.equal(first?.event, "log.output_failed");
    assertLoaves(others, others.length - 1);
  });
});

type Line = Record<string, unknown> & { readonly event: string; readonly level: string };

function parseLines(written: string): Line[] {
  assert.ok(written === "" || written.endsWith("\n"), "the last line is not whole");
  return written
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

/** Reads what a process writes to stdout; `longerThan` waits until it has written so much. */
function collectOutput(child: ChildProcess) {
  const stream = child.stdout ?? assert.fail();
  const grown = new EventEmitter();
  let received = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    received += chunk;
    grown.emit("grown");
  });
  return {
    whole: once(stream, "end").then(() => received),
    async longerThan(characters: number) {
      while (received.length <= characters) {
        await once(grown, "grown");
      }
    },
  };
}

/** As many numbered lines, in order, and then the last one, which has the next number. */
function assertLoaves(lines: readonly Line[], count: number): void {
  assert.equal(lines.length, count + 1);
  assertInOrder(lines);
  assert.equal(lines.at(-1)?.event, "bakery.burnt");
}

function assertInOrder(lines: readonly Line[]): void {
  const firstWrong = lines.find((line, number) => line["bakery.number"] !== number);
  assert.equal(firstWrong, undefined);
}

function parseAge(name: string): number {
  return Number(/\.(\d+)\./.exec(name)?.[1] ?? 0);
}
