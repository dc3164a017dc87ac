import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

test("every code that the page of errors names is one", () => {
  const page = readFileSync("docs/errors.md", "utf8");
  const table = page.split("\n").filter((line) => line.startsWith("| "));
  const named = table.flatMap((line) => [...line.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)]);
  assert.ok(named.length > 15);
  const codes = readFileSync("docs/generated/errors.md", "utf8");
  for (const [, code] of named) {
    assert.ok(codes.includes(`| \`${code}\` |`), code);
  }
});
