import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { toSystemError } from "./command.ts";

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

test("what the system refuses is said with a code and what to do", () => {
  const file = join(temporaryDirectory(), "a\u001b[2Jfile");
  writeFileSync(file, "");
  const refused = toSystemError(thrownBy(() => mkdirSync(join(file, "in"))));
  assert.equal(refused?.code, "file_unwritable");
  assert.equal(refused?.exitCode, 2);
  assert.match(refused?.message ?? "", /refused to mkdir of .*a\?\[2Jfile\/in \(ENOTDIR\)/);
  const full = Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" });
  assert.equal(toSystemError(full)?.code, "disk_full");
  assert.equal(toSystemError(Object.assign(full, { code: "EMFILE" }))?.code, "too_many_files");
});

test("anything else is a defect", () => {
  assert.equal(toSystemError(new TypeError("x is undefined")), undefined);
  assert.equal(toSystemError("a text"), undefined);
  assert.equal(toSystemError(null), undefined);
  const missing = thrownBy(() => readFileSync(join(temporaryDirectory(), "missing")));
  assert.equal(toSystemError(missing), undefined);
});
