import type { Cursor } from "./cursor.ts";
import { expectLiteral, operatorText, parseExpression } from "./expression-parser.ts";
import { QueryError } from "./query-error.ts";
import type { AggregateFunction, ComparisonOperator, Scalar, ScalarFilter } from "./syntax.ts";
import type { Token } from "./token.ts";

const functions: readonly AggregateFunction[] = ["count", "min", "max", "avg", "sum"];
export const comparisons: readonly ComparisonOperator[] = ["=", "!=", "<", "<=", ">", ">="];

/** Whether a scalar filter begins here, and not a spanset or a pipeline in parentheses. */
export function beginsScalar(cursor: Cursor): boolean {
  let ahead = 0;
  while (isOneOf(cursor.peek(ahead), "(", "-")) {
    ahead += 1;
  }
  const token = cursor.peek(ahead);
  const isScalar = isFunction(token) || token.type === "literal" || isNamedNumber(token);
  return isScalar && !comparesInParentheses(cursor);
}

/** `(count() > 2)` is a pipeline, `(count()) > 2` a comparison of what is in the parentheses. */
function comparesInParentheses(cursor: Cursor): boolean {
  let depth = 0;
  for (let ahead = 0; ; ahead += 1) {
    const token = cursor.peek(ahead);
    if (isFunction(token)) {
      ahead = endOfCall(cursor, ahead);
    } else if (isOneOf(token, "(")) {
      depth += 1;
    } else if (isOneOf(token, ")")) {
      depth -= 1;
    }
    if (token.type === "end" || isOneOf(token, ...comparisons)) {
      return depth > 0;
    }
    if (depth === 0 && !isOneOf(token, "-")) {
      return false;
    }
  }
}

/** Where the parenthesis behind a function's name is closed again. */
function endOfCall(cursor: Cursor, name: number): number {
  let depth = 0;
  for (let ahead = name + 1; ; ahead += 1) {
    const token = cursor.peek(ahead);
    depth += isOneOf(token, "(") ? 1 : isOneOf(token, ")") ? -1 : 0;
    if (depth <= 0 || token.type === "end") {
      return ahead;
    }
  }
}

function isOneOf(token: Token, ...texts: string[]): boolean {
  return token.type === "operator" && texts.includes(token.text);
}

function isFunction(token: Token): boolean {
  return token.type === "word" && functions.some((name) => name === token.text);
}

function isNamedNumber(token: Token): boolean {
  return token.type === "word" && (token.text === "minInt" || token.text === "maxInt");
}

/** `avg(duration) > 1s`. */
export function parseScalarFilter(cursor: Cursor): ScalarFilter {
  const left = parseScalar(cursor);
  const { at } = cursor;
  if (cursor.isOperator(")")) {
    throw new QueryError("unsupported", cursor.at, "a pipeline as one side of a comparison");
  }
  if (!cursor.isOperator(...comparisons)) {
    return cursor.fail("a comparison of this number, as in count() > 2");
  }
  const operator = operatorText(cursor) as ComparisonOperator;
  const right = parseScalar(cursor);
  if (left.type === right.type) {
    throw new QueryError(
      "unsupported",
      at,
      "a comparison of anything but an aggregate and a value",
    );
  }
  return { type: "scalarFilter", operator, left, right, at };
}

function parseScalar(cursor: Cursor): Scalar {
  const scalar = cursor.nested(() => parsePrimary(cursor));
  if (cursor.isOperator("+", "-", "*", "/", "%", "^")) {
    throw new QueryError("unsupported", cursor.at, "arithmetic with aggregates");
  }
  return scalar;
}

function parsePrimary(cursor: Cursor): Scalar {
  const { token, at } = cursor;
  if (cursor.isOperator("(")) {
    const next = cursor.peek(1);
    if (next.type === "operator" && next.text === "{") {
      throw new QueryError("unsupported", at, "a pipeline as one side of a comparison");
    }
    cursor.advance();
    const scalar = parseScalar(cursor);
    cursor.expectOperator(")", "after the number");
    return scalar;
  }
  if (!isFunction(token)) {
    return { type: "literal", literal: expectLiteral(cursor, "a number or an aggregate"), at };
  }
  cursor.advance();
  const name = (token.type === "word" ? token.text : "") as AggregateFunction;
  cursor.expectOperator("(", `after ${name}`);
  if (name === "count") {
    cursor.expectOperator(")", "because count takes nothing");
    return { type: "aggregate", function: name, of: null, at };
  }
  const of = parseExpression(cursor);
  cursor.expectOperator(")", "after the expression");
  return { type: "aggregate", function: name, of, at };
}
