import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery } from "./parser.ts";
import { type PrintStyle, printExpression, standardStyle } from "./print.ts";
import { QueryError } from "./query-error.ts";
import type { Expression } from "./syntax.ts";

/** The condition of a query that is one filter. */
function parseCondition(text: string): Expression {
  const [stage] = parseQuery(text).stages;
  assert.ok(stage?.type === "spanset" && stage.spanset.type === "filter");
  assert.ok(stage.spanset.condition !== null);
  return stage.spanset.condition;
}

function catchQueryError(text: string): QueryError {
  try {
    parseQuery(text);
  } catch (error) {
    assert.ok(error instanceof QueryError, `${text} threw ${String(error)}`);
    return error;
  }
  assert.fail(`${text} was taken`);
}

const withParentheses: PrintStyle = { ...standardStyle, parentheses: "operands" };

test("names, values and operators are read as written", () => {
  const printed = {
    "{ span.a-b/c = 1 }": 'span."a-b/c" = 1',
    '{ span.http."status code" = 1 }': 'span."http.status code" = 1',
    "{ .x - 1 > .5 }": "(.x - 1) > 0.5",
    "{ duration > 1m30.5s }": "duration > 90500ms",
    "{ span:duration > .5ms }": "duration > 500us",
    '{ name = "a\\"\\u0041\\n" }': 'name = "a\\"A\\n"',
    "{ name = `a\\n` }": 'name = "a\\\\n"',
    "{ span.x > -5 }": "span.x > -5",
    "{ span.x > minInt }": "span.x > minInt",
    "{ .a || .b && .c }": "(.a || .b) && .c",
    "{ !.a && .x ^ .y ^ 2 = 64 }": "!.a && ((.x ^ (.y ^ 2)) = 64)",
    "{ .x * .y ^ 2 = 36 }": "(.x * (.y ^ 2)) = 36",
    "{ -.x ^ 2 + -3 = -7 }": "(-(.x ^ 2) + -3) = -7",
    "{ span.x > 2.0 }": "span.x > 2.0",
    "{ 1 + .x * 3 = 7 }": "(1 + (.x * 3)) = 7",
    "{ .x = 1 + 2 * 3 }": ".x = 7",
    "{ .x < -(2 ^ 3) / 2.0 }": ".x < -4.0",
    "{ .x = 1 / 0 }": ".x = (1 / 0)",
    "{ status = error && kind = server }": "(status = error) && (kind = server)",
    "{ true // and so on\n}": "true",
    "{ /* not\nthis */ true }": "true",
  };
  for (const [text, expected] of Object.entries(printed)) {
    assert.equal(printExpression(parseCondition(text), withParentheses), expected, text);
  }
});

test("spansets bind structural operators first, and the others alike from the left", () => {
  const [stage] = parseQuery("{ .a } || { .b } && { .c } >> { .d }").stages;
  assert.ok(stage?.type === "spanset" && stage.spanset.type === "combined");
  assert.equal(stage.spanset.operator.type, "and");
  assert.equal(stage.spanset.right.type, "combined");
  assert.equal(stage.spanset.left.type, "combined");
});

test("a metrics query has its function, labels, stages and hints apart", () => {
  const query = parseQuery(
    "{ } | quantile_over_time(duration, .5, 0.99) by (name, resource.a) > 2s | topk(3) with (exemplars=true)",
  );
  assert.deepEqual(query.metrics?.quantiles, [0.5, 0.99]);
  assert.equal(query.metrics?.by.length, 2);
  assert.deepEqual(
    query.seriesStages.map(({ type }) => type),
    ["threshold", "topk"],
  );
  assert.deepEqual(query.hints, [{ name: "exemplars", value: { type: "bool", value: true } }]);
});

test("an error says its place and what was expected", () => {
  const messages = {
    "": "parse error at line 1, col 1: expected a stage: { … }, by(), select(), coalesce(), an aggregate or a metrics function, found the end of the query",
    "{ .a\n  = }":
      'parse error at line 2, col 5: expected a field, a value or a parenthesis, found "}"',
    "{ name = `a }": "parse error at line 1, col 10: expected a closing ` of this string",
    "{ status > 5 }": "type error at line 1, col 10: a status and a int cannot be compared",
    "{ parent.x = 1 }": "unsupported: at line 1, col 3: attributes of the parent (parent.…)",
    "{ } | by(name":
      'parse error at line 1, col 14: expected ")" because this by takes one expression, found the end of the query',
  };
  for (const [text, message] of Object.entries(messages)) {
    assert.equal(catchQueryError(text).message, message, text);
  }
});

test("deep nesting and long texts are refused, not followed to the end of the stack", () => {
  assert.match(catchQueryError(`{ ${"(".repeat(50_000)}`).message, /nested more than 100 levels/);
  assert.match(catchQueryError(`{ ${"!".repeat(50_000)}`).message, /nested more than 100 levels/);
  assert.match(catchQueryError("(".repeat(50_000)).message, /nested more than 100 levels|expected/);
  assert.match(catchQueryError(`{ name = "${"a".repeat(70_000)}" }`).message, /longer than 65536/);
});

test("texts that were damaged by chance are taken or refused, and nothing else happens", () => {
  const whole =
    '{ resource.service.name = "a" && (span.x + 1 > .5 || !.b) } >> { duration > 1m30s } | by(name) | avg(duration) > 2s | rate() by (.x) > 3 | topk(2) with (a=1)';
  let state = 20_261_123;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
  for (let round = 0; round < 3_000; round += 1) {
    let text = whole;
    for (let change = random(4); change >= 0; change -= 1) {
      const at = random(text.length);
      const piece = whole.slice(random(whole.length)).slice(0, random(6));
      text = text.slice(0, at) + piece + text.slice(at + random(5));
    }
    try {
      parseQuery(text);
    } catch (error) {
      assert.ok(error instanceof QueryError, `${text}: ${String(error)}`);
    }
  }
});
