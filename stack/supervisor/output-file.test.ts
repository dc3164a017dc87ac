import assert from "node:assert/strict";
import { closeSync, mkdtempSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bound, getOutputFile, openOutput } from "./output-file.ts";

test("a too large output is moved aside while its writer goes on", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-output-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = getOutputFile(join(directory, "deeper"), "store");
  const output = openOutput(file);
  writeSync(output, "small\n");
  bound(file);
  assert.equal(readFileSync(file, "utf8"), "small\n");

  writeSync(output, "x".repeat(6_000_000));
  bound(file);
  assert.equal(statSync(`${file}.1`).size, 6_000_006);
  writeSync(output, "after\n");
  assert.equal(readFileSync(file, "utf8"), "after\n");
  closeSync(output);
  bound(join(directory, "not-there.log"));
});
