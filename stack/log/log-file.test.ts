import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { followLines, lastLines } from "./log-file.ts";

function temporaryFile(t: { after: (done: () => void) => void }): string {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-log-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "some.log");
}

test("shows the last lines, and no half one", (t) => {
  const file = temporaryFile(t);
  writeFileSync(file, "one\ntwo\nthree\nhalf");
  assert.deepEqual(lastLines(file, 2), ["two", "three"]);
  assert.deepEqual(lastLines(file, 99), ["one", "two", "three"]);
  writeFileSync(file, "");
  assert.deepEqual(lastLines(file, 2), []);
});

test("of a large file only whole lines of its end are read", (t) => {
  const file = temporaryFile(t);
  const line = "x".repeat(99);
  writeFileSync(file, `${line}\n`.repeat(50_000));
  const lines = lastLines(file, Number.POSITIVE_INFINITY);
  assert.ok(lines.length > 30_000 && lines.length < 50_000);
  assert.ok(lines.every((found) => found === line));
});

test("follows a file through appending, cutting and replacing", { timeout: 20_000 }, async (t) => {
  const file = temporaryFile(t);
  writeFileSync(file, "one\ntwo\n");
  const following = followLines(file, 1);
  const next = async () => (await following.next()).value;
  assert.deepEqual(await next(), ["two"]);

  appendFileSync(file, "three\nfo");
  assert.deepEqual(await next(), ["three"]);
  appendFileSync(file, "ur\n");
  let lines = await next();
  // The half line may have been looked at, and found to be none, before the rest came.
  while (lines.length === 0) {
    lines = await next();
  }
  assert.deepEqual(lines, ["four"]);

  truncateSync(file, 0);
  appendFileSync(file, "five\n");
  assert.deepEqual(await next(), ["five"]);

  renameSync(file, `${file}.1`);
  writeFileSync(file, "a longer line than all before it\nseven\n");
  assert.deepEqual(await next(), ["a longer line than all before it", "seven"]);
});
