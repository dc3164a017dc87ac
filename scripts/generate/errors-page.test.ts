import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

test("each error of the page says what happened and what to do", () => {
  const rows = readFileSync("docs/generated/errors.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  assert.ok(rows.length > 80, String(rows.length));
  const unsaid = rows.filter((row) => {
    const cells = row.slice(2, -2).split(" | ");
    return (
      cells.length !== 4 || cells.some((cell) => !/\w/.test(cell) || cell.includes("undefined"))
    );
  });
  assert.deepEqual(unsaid, []);
});
