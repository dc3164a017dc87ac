import type { Cursor } from "./cursor.ts";
import { expectLiteral, operatorText, parseExpression } from "./expression-parser.ts";
import { QueryError } from "./query-error.ts";
import type { AggregateFunction, ComparisonOperator, Scalar, ScalarFilter } from "./syntax.ts";

const functions: readonly AggregateFunction[] = ["count", "min", "max", "avg", "sum"];
export const comparisons: readonly ComparisonOperator[] = ["=", "!=", "<", "<=", ">", ">="];

/** Whether a scalar filter begins here, and not a spanset in parentheses. */
export function beginsScalar(cursor: Cursor): boolean {
  let ahead = 0;
  for (;;) {
    const token = cursor.peek(ahead);
    if (token.type !== "operator" || (token.text !== "(" && token.text !== "-")) {
      return isFunction(token) || token.type === "literal" || isNamedNumber(token);
    }
    ahead += 1;
  }
}

function isFunction(token: ReturnType<Cursor["peek"]>): boolean {
  return token.type === "word" && functions.some((name) => name === token.text);
}

function isNamedNumber(token: ReturnType<Cursor["peek"]>): boolean {
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
