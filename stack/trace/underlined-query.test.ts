import assert from "node:assert/strict";
import { test } from "node:test";
import { underlined } from "./tempo-query.ts";

test("the mark stands under the column that the error names, on its own line", () => {
  assert.deepEqual(underlined("{ nam = 5 }", "parse error at line 1, col 3: unknown nam"), [
    "{ nam = 5 }",
    "  ^",
  ]);
  assert.deepEqual(underlined("{ name = 5 }\n| rat()", "type error at line 2, col 3: no"), [
    "| rat()",
    "  ^",
  ]);
  assert.deepEqual(underlined('{ .a = "🙂" &&\tx }', "at line 1, col 15: x"), [
    '{ .a = "🙂" && x }',
    "              ^",
  ]);
});

test("a column behind the end is the end, and a place that is not there is not shown", () => {
  assert.deepEqual(underlined("{ ", "parse error at line 1, col 9: unexpected end"), ["{", " ^"]);
  assert.deepEqual(underlined("{ }", "parse error at line 3, col 1: what"), []);
  assert.deepEqual(underlined("{ }", "the range is too long"), []);
});

test("of a long line the part around the place is shown", () => {
  const query = `{ ${"true && ".repeat(20)}nam = 1 && ${"true && ".repeat(20)}true }`;
  const column = query.indexOf("nam") + 1;
  const [line = "", mark = ""] = underlined(query, `at line 1, col ${column}: nam`);
  assert.ok(line.startsWith("…") && line.endsWith("…") && line.length < 80, line);
  assert.equal(line.slice(mark.indexOf("^")).slice(0, 3), "nam");
});
