import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stackErrors } from "../../stack/command/stack-error.ts";
import { checkout } from "./stack-under-test.ts";

/** The cells of the table under a heading, without its head. */
function tableUnder(heading: string): string[][] {
  const document = readFileSync(join(checkout, "docs", "stack.md"), "utf8");
  const [, after = ""] = document.split(`\n## ${heading}\n`);
  const rows = after.split("\n## ")[0]?.split("\n") ?? [];
  return rows
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) => line.slice(2, -2).split(" | "));
}

test("stack.md has every error code of the stack's commands, and no other", () => {
  assert.deepEqual(
    tableUnder("Errors"),
    Object.entries(stackErrors).map(([code, meaning]) => [`\`${code}\``, meaning]),
  );
});
