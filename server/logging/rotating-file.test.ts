import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RotatingFile } from "./rotating-file.ts";

describe("RotatingFile", () => {
  let folder = "";
  let path = "";
  let said: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "miniserve-log-"));
    path = join(folder, "logs", "miniserve.log");
    said = [];
  });

  afterEach(() => rm(folder, { recursive: true }));

  function rotatingFile(limits: { maxFileBytes?: number; maxFiles?: number } = {}): RotatingFile {
    return new RotatingFile({
      path,
      maxFileBytes: limits.maxFileBytes ?? 1e6,
      maxFiles: limits.maxFiles ?? 3,
      retryAfterMs: 0,
      reports: {
        began: (code) => said.push(`began ${code}`),
        ended: (linesDropped) => said.push(`ended ${linesDropped}`),
        rotationFailed: (code) => said.push(`not rotated ${code}`),
      },
    });
  }

  const names = () => readdirSync(join(folder, "logs")).sort();
  const readContent = (name: string) => readFileSync(join(folder, "logs", name), "utf8");

  test("loses and tears no line over many rotations, and keeps their order", () => {
    const file = rotatingFile({ maxFileBytes: 1000, maxFiles: 100 });
    for (let number = 0; number < 2000; number++) {
      file.write(`line ${number} ${"·".repeat(number % 7)}\n`);
    }
    file.close();
    const oldestFirst = names().sort((a, b) => parseAge(b) - parseAge(a));
    assert.ok(oldestFirst.length > 20, `${oldestFirst.length} files`);
    assert.equal(oldestFirst.at(-1), "miniserve.log");
    const expected = Array.from({ length: 2000 }, (_, n) => `line ${n} ${"·".repeat(n % 7)}\n`);
    assert.equal(oldestFirst.map(readContent).join(""), expected.join(""));
    for (const name of oldestFirst) {
      assert.ok(Buffer.byteLength(readContent(name)) <= 1000, name);
      assert.ok(readContent(name).endsWith("\n"), name);
    }
    assert.deepEqual(said, []);
  });

  test("keeps as many files as it may, the newest", () => {
    const file = rotatingFile({ maxFileBytes: 10, maxFiles: 3 });
    for (const line of ["first\n", "second\n", "third\n", "fourth\n", "fifth\n"]) {
      file.write(line);
    }
    file.close();
    assert.deepEqual(names(), ["miniserve.1.log", "miniserve.2.log", "miniserve.log"]);
    assert.deepEqual(names().map(readContent), ["fourth\n", "third\n", "fifth\n"]);

    const only = rotatingFile({ maxFileBytes: 10, maxFiles: 1 });
    only.write("sixth line\n");
    only.close();
    assert.equal(readContent("miniserve.log"), "sixth line\n");
  });

  test("goes on in the file of an earlier process, after a line that it left unfinished", () => {
    mkdirSync(join(folder, "logs"));
    writeFileSync(path, "whole\nhal");
    const file = rotatingFile({ maxFileBytes: 20 });
    file.write("next\n");
    assert.equal(readContent("miniserve.log"), "whole\nhal\nnext\n");
    file.write("one more\n");
    file.close();
    assert.equal(readContent("miniserve.1.log"), "whole\nhal\nnext\n");
    assert.equal(readContent("miniserve.log"), "one more\n");
  });

  test("has a line on disk when write returns, and writes on after close", () => {
    const file = rotatingFile();
    file.write("one\n");
    assert.equal(readContent("miniserve.log"), "one\n");
    file.sync();
    file.close();
    file.write("two\n");
    file.close();
    assert.equal(readContent("miniserve.log"), "one\ntwo\n");
  });

  test("makes the file again when somebody took it away", async () => {
    for (const takeAway of [
      () => rmSync(join(folder, "logs"), { recursive: true }),
      () => renameSync(path, join(folder, "elsewhere.log")),
    ]) {
      const file = rotatingFile();
      file.write("before\n");
      takeAway();
      await sleep(1100);
      file.write("after\n");
      file.close();
      assert.equal(readContent("miniserve.log"), "after\n");
      rmSync(path);
    }
    assert.deepEqual(said, []);
  });

  test("counts the lines that a path does not take, says so once, and recovers", () => {
    writeFileSync(join(folder, "logs"), "a file where the folder should be");
    const file = rotatingFile();
    file.open();
    assert.deepEqual(said, ["began EEXIST"]);
    file.write("one\n");
    file.write("two\n");
    assert.equal(file.linesDropped, 2);
    rmSync(join(folder, "logs"));
    file.write("three\n");
    assert.deepEqual(said, ["began EEXIST", "ended 2"]);
    assert.equal(readContent("miniserve.log"), "three\n");
    rmSync(join(folder, "logs"), { recursive: true });
    writeFileSync(join(folder, "logs"), "again");
    file.close();
    file.write("four\n");
    rmSync(join(folder, "logs"));
    file.write("five\n");
    assert.deepEqual(said, ["began EEXIST", "ended 2", "began EEXIST", "ended 1"]);
    assert.equal(file.linesDropped, 3);
  });

  test("does not wait for the reader of a pipe, nor write to a device", () => {
    mkdirSync(join(folder, "logs"));
    execFileSync("mkfifo", [path]);
    const file = rotatingFile();
    file.write("one\n");
    assert.deepEqual(said, ["began NOT_A_FILE"]);
    assert.equal(file.linesDropped, 1);
  });

  test("grows on rather than lose lines when it cannot be put aside", () => {
    mkdirSync(join(folder, "logs", "miniserve.1.log", "full"), { recursive: true });
    const file = rotatingFile({ maxFileBytes: 10, maxFiles: 2 });
    for (const line of ["first\n", "second\n", "third\n"]) {
      file.write(line);
    }
    assert.equal(readContent("miniserve.log"), "first\nsecond\nthird\n");
    assert.deepEqual(said, ["not rotated EISDIR"]);
    rmSync(join(folder, "logs", "miniserve.1.log"), { recursive: true });
    file.write("fourth\n");
    file.close();
    assert.equal(readContent("miniserve.1.log"), "first\nsecond\nthird\n");
    assert.equal(readContent("miniserve.log"), "fourth\n");
    assert.deepEqual(said, ["not rotated EISDIR"]);
    assert.equal(file.linesDropped, 0);
  });

  test("leaves no half line when the disk fills up, and goes on when there is room", () => {
    // A limit on the size of files stops a write half way, as a full disk does.
    const script = `
      import { RotatingFile } from ${JSON.stringify(join(import.meta.dirname, "rotating-file.ts"))};
      const said = [];
      const file = new RotatingFile({
        path: ${JSON.stringify(path)}, maxFileBytes: 1e9, maxFiles: 2, retryAfterMs: 0,
        reports: {
          began: (code) => said.push("began " + code),
          ended: (linesDropped) => said.push("ended " + linesDropped),
        },
      });
      for (let number = 0; number < 40; number++) file.write(String(number).padEnd(99) + "\\n");
      const { readFileSync, truncateSync } = await import("node:fs");
      const whenFull = readFileSync(${JSON.stringify(path)}, "utf8");
      truncateSync(${JSON.stringify(path)}, 0);
      file.write("room again\\n");
      console.log(JSON.stringify({ said, whenFull, linesDropped: file.linesDropped }));
    `;
    const run = `ulimit -f 2; exec "$0" --input-type=module --eval "$1"`;
    const output = execFileSync("bash", ["-c", run, process.execPath, script], {
      encoding: "utf8",
    });
    const result = JSON.parse(output) as {
      said: string[];
      whenFull: string;
      linesDropped: number;
    };
    assert.deepEqual(result.said, ["began EFBIG", "ended 20"]);
    const first20 = Array.from({ length: 20 }, (_, number) => `${String(number).padEnd(99)}\n`);
    assert.equal(result.whenFull, first20.join(""));
    assert.equal(readContent("miniserve.log"), "room again\n");
  });
});

function parseAge(name: string): number {
  return Number(/\.(\d+)\./.exec(name)?.[1] ?? 0);
}
