import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");

test("every fault made in the core is noticed, or has a reason why it need not be", () => {
  // Told of the run that it is part of, Node's test runner prints for it and never fails.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const options = ["scripts/test-mutants.ts"];
  const { status, stdout } = spawnSync(process.execPath, options, {
    cwd: root,
    env,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
});
