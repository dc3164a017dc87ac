import assert from "node:assert/strict";
import { test } from "node:test";
import { stackUnderTest } from "../stack/stack-under-test.ts";

const timeout = 120_000;

test("generate says that the checkout's files are the contract's", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  const checked = await run("scripts/generate.ts", "--check");
  assert.equal(checked.exitCode, 0, checked.stdout + checked.stderr);
  assert.match(checked.stdout, /^\d+ generated files are those of the contracts\.$/m);
  const asJson = JSON.parse((await run("scripts/generate.ts", "--check", "--json")).stdout);
  assert.ok(asJson.files.includes("docs/generated/miniserve/contract.json"));
  assert.deepEqual(asJson.differences, []);
  const wrong = await run("scripts/generate.ts", "--all");
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /\[usage_invalid\]/);
});

test("contract:diff says when there is nothing to compare with", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  const unknown = await run("scripts/contract-diff.ts", "--base", "no-such-commit");
  assert.equal(unknown.exitCode, 2, unknown.stdout);
  assert.match(unknown.stderr, /git cannot read no-such-commit: .* \[file_unreadable\]/);
});
