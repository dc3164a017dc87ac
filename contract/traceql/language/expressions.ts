import { type SpanKind, type StatusCode, spanKinds, statusCodes } from "../../otlp/span.ts";
import { changesAllowed, nearestTo } from "../../text/nearest.ts";
import type { Cursor } from "./cursor.ts";
import { foldConstants, isNumber, negated } from "./fold-constants.ts";
import { findIntrinsic, intrinsicSpellings } from "./intrinsics.ts";
import { printField } from "./print.ts";
import { largestInt, smallestInt } from "./scanner.ts";
import type { BinaryOperator, Expression, Field, Literal } from "./syntax.ts";

/**
 * From the loosest to the tightest; `&&` and `||` bind alike, from the left, as in Tempo. `^` is not
 * here because it binds from the right.
 */
const levels: readonly (readonly BinaryOperator[])[] = [
  ["&&", "||"],
  ["=", "!=", "<", "<=", ">", ">=", "=~", "!~"],
  ["+", "-"],
  ["*", "/", "%"],
];
const products = levels.length - 1;
const sums = products - 1;
/** Each is planned for every type that its operands may have. */
const weightOfCalculation = 10;

/** What stands between the braces of a spanset. */
export function parseExpression(cursor: Cursor): Expression {
  return foldConstants(parseUnfolded(cursor));
}

function parseUnfolded(cursor: Cursor): Expression {
  return cursor.nested(() => parseLevel(cursor, 0));
}

function parseLevel(cursor: Cursor, level: number): Expression {
  const operators = levels[level];
  if (operators === undefined) {
    return parsePower(cursor);
  }
  let left = parseLevel(cursor, level + 1);
  while (cursor.isOperator(...operators)) {
    const { at } = cursor;
    cursor.countPart(level < sums ? 1 : weightOfCalculation);
    const operator = operatorText(cursor) as BinaryOperator;
    left = { type: "binary", operator, left, right: parseLevel(cursor, level + 1), at };
  }
  return left;
}

export function operatorText(cursor: Cursor): string {
  const token = cursor.advance();
  return token.type === "operator" ? token.text : "";
}

function parsePower(cursor: Cursor): Expression {
  const left = parseUnary(cursor);
  if (!cursor.isOperator("^")) {
    return left;
  }
  const { at } = cursor;
  cursor.advance();
  const right = cursor.nested(() => parsePower(cursor));
  return { type: "binary", operator: "^", left, right, at };
}

function parseUnary(cursor: Cursor): Expression {
  const { at } = cursor;
  if (cursor.takeOperator("!")) {
    return { type: "unary", operator: "!", operand: cursor.nested(() => parseUnary(cursor)), at };
  }
  if (cursor.takeOperator("-")) {
    // The sign is of the whole product behind it: -2 ^ 2 is -4.
    const operand = cursor.nested(() => parseLevel(cursor, products));
    return { type: "unary", operator: "-", operand, at };
  }
  return parsePrimary(cursor);
}

function parsePrimary(cursor: Cursor): Expression {
  const { at } = cursor;
  if (cursor.takeOperator("(")) {
    const expression = parseUnfolded(cursor);
    cursor.expectOperator(")", "after the expression");
    return expression;
  }
  const literal = parseLiteral(cursor);
  if (literal !== undefined) {
    return { type: "literal", literal, at };
  }
  const field = takeField(cursor);
  if (field !== undefined) {
    return { type: "field", field, at };
  }
  return cursor.fail("a field, a value or a parenthesis", fieldAdvice(cursor));
}

/** A field, or undefined when something else stands there. */
export function takeField(cursor: Cursor): Field | undefined {
  const { token } = cursor;
  if (token.type === "attribute") {
    cursor.advance();
    return { type: "attribute", scope: token.scope, name: token.name };
  }
  const name = token.type === "word" ? findIntrinsic(token.text) : undefined;
  if (name === undefined) {
    return undefined;
  }
  cursor.advance();
  return { type: "intrinsic", name };
}

export function expectField(cursor: Cursor): Field {
  return (
    takeField(cursor) ??
    cursor.fail("an attribute with its scope, or an intrinsic", fieldAdvice(cursor))
  );
}

/** A value without its sign, or undefined when something else stands there. */
function parseLiteral(cursor: Cursor): Literal | undefined {
  const { token } = cursor;
  const literal =
    token.type === "literal"
      ? token.literal
      : token.type === "word"
        ? literalWords.get(token.text)
        : undefined;
  if (literal !== undefined) {
    cursor.advance();
  }
  return literal;
}

/** A value, with a minus sign if it has one. */
export function expectLiteral(cursor: Cursor, what: string): Literal {
  const isNegative = cursor.takeOperator("-");
  const literal = parseLiteral(cursor) ?? cursor.fail(what);
  return isNegative && isNumber(literal) ? negated(literal) : literal;
}

/** Of a place that must hold a whole number from 0 on. */
export function expectCount(cursor: Cursor, what: string): bigint {
  const { token } = cursor;
  if (token.type !== "literal" || token.literal.type !== "int") {
    return cursor.fail(what);
  }
  cursor.advance();
  return token.literal.value;
}

const literalWords: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ["true", { type: "bool", value: true }],
  ["false", { type: "bool", value: false }],
  ["nil", { type: "nil" }],
  ["minInt", { type: "int", value: smallestInt }],
  ["maxInt", { type: "int", value: largestInt }],
  ...statusCodes.map((value: StatusCode): [string, Literal] => [value, { type: "status", value }]),
  ...spanKinds.map((value: SpanKind): [string, Literal] => [value, { type: "kind", value }]),
]);

const longestAdvised = 100;

/** What may have been meant where a field is expected and another word stands; else nothing. */
function fieldAdvice(cursor: Cursor): string {
  const { token } = cursor;
  const next = cursor.peek(1);
  if (token.type !== "word") {
    return "";
  }
  const isPath =
    next.type === "attribute" &&
    next.scope === "any" &&
    next.at.offset === token.at.offset + token.text.length;
  if (isPath) {
    const name = `${token.text}.${next.name}`;
    const field = printField({ type: "attribute", scope: "span", name });
    return field.length > longestAdvised ? "" : `; an attribute has a scope, as in ${field}`;
  }
  const nearest = nearestTo(token.text, intrinsicSpellings, changesAllowed(token.text));
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}
