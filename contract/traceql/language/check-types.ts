import { intrinsicTypes } from "./intrinsics.ts";
import { printField } from "./print.ts";
import { QueryError } from "./query-error.ts";
import type {
  Expression,
  Field,
  Literal,
  Position,
  Query,
  Scalar,
  Spanset,
  Stage,
} from "./syntax.ts";

/** `any`: an attribute, whose type only the spans know. */
export type StaticType = "any" | "nil" | "bool" | "string" | "status" | "kind" | NumericType;
type NumericType = "int" | "float" | "duration";

/** @throws QueryError when a part of the query can never fit to the part beside it. */
export function checkTypes(query: Query): void {
  checkStages(query.stages);
  const { metrics } = query;
  if (metrics === null) {
    return;
  }
  if (metrics.of !== null && !isNumeric(fieldType(metrics.of))) {
    throw new QueryError("type", metrics.at, `${metrics.function} needs a number or a duration`);
  }
  if (metrics.compare !== null) {
    checkSpanset(metrics.compare.selection);
  }
}

function checkStages(stages: readonly Stage[]): void {
  for (const stage of stages) {
    switch (stage.type) {
      case "spanset":
        checkSpanset(stage.spanset);
        break;
      case "by":
        inferType(stage.expression);
        expectField(stage.expression, "by() groups by");
        break;
      case "scalarFilter":
        checkScalar(stage.left);
        checkScalar(stage.right);
        break;
      case "coalesce":
      case "select":
        break;
      default:
        stage satisfies never;
    }
  }
}

function checkSpanset(spanset: Spanset): void {
  switch (spanset.type) {
    case "filter":
      if (spanset.condition !== null) {
        expectBool(inferType(spanset.condition), spanset.condition.at);
      }
      break;
    case "combined":
      checkSpanset(spanset.left);
      checkSpanset(spanset.right);
      break;
    case "pipeline":
      checkStages(spanset.stages);
      break;
    default:
      spanset satisfies never;
  }
}

function checkScalar(scalar: Scalar): void {
  switch (scalar.type) {
    case "literal":
      expectNumeric(literalType(scalar.literal), scalar.at);
      break;
    case "aggregate":
      if (scalar.of !== null) {
        expectNumeric(inferType(scalar.of), scalar.of.at);
        expectField(scalar.of, `${scalar.function}() is of`);
      }
      break;
    default:
      scalar satisfies never;
  }
}

/** What is the same for all spans says nothing about one. */
function expectField(expression: Expression, what: string): void {
  if (!holdsField(expression)) {
    throw new QueryError("type", expression.at, `${what} something of the span, not a constant`);
  }
}

function holdsField(expression: Expression): boolean {
  switch (expression.type) {
    case "literal":
      return false;
    case "field":
      return true;
    case "unary":
      return holdsField(expression.operand);
    case "binary":
      return holdsField(expression.left) || holdsField(expression.right);
    default:
      return expression satisfies never;
  }
}

function expectBool(type: StaticType, at: Position): void {
  if (type !== "bool" && type !== "any") {
    throw new QueryError("type", at, `expected true or false here, found a ${type}`);
  }
}

function expectNumeric(type: StaticType, at: Position): void {
  if (!isNumeric(type)) {
    throw new QueryError("type", at, `expected a number or a duration here, found a ${type}`);
  }
}

/** What an expression is, as far as its text says it. */
function inferType(expression: Expression): StaticType {
  switch (expression.type) {
    case "literal":
      return literalType(expression.literal);
    case "field":
      return fieldType(expression.field);
    case "unary":
      return inferUnaryType(expression);
    case "binary":
      return inferBinaryType(expression);
    default:
      return expression satisfies never;
  }
}

function inferUnaryType(expression: Extract<Expression, { type: "unary" }>): StaticType {
  if (expression.operator === "!") {
    expectBool(inferType(expression.operand), expression.operand.at);
    return "bool";
  }
  const type = inferType(expression.operand);
  expectNumeric(type, expression.operand.at);
  return type;
}

function inferBinaryType(expression: Extract<Expression, { type: "binary" }>): StaticType {
  const { operator, at } = expression;
  // Once for each part: asked for again at every level, a long condition would never be done.
  const left = inferType(expression.left);
  const right = inferType(expression.right);
  switch (operator) {
    case "&&":
    case "||":
      expectBool(left, expression.left.at);
      expectBool(right, expression.right.at);
      return "bool";
    case "=~":
    case "!~":
      if (!hasType(left, "string") || right !== "string" || expression.right.type !== "literal") {
        throw new QueryError("type", at, `${operator} takes a string and a pattern in quotes`);
      }
      return "bool";
    case "=":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      checkComparable(left, right, operator, at);
      checkNil(expression);
      return "bool";
    default:
      expectNumeric(left, expression.left.at);
      expectNumeric(right, expression.right.at);
      return inferArithmeticType(left, right);
  }
}

/** Every span has its intrinsics, so to ask for one without is a mistake. */
function checkNil({ operator, left, right, at }: Extract<Expression, { type: "binary" }>): void {
  const sides = [left, right];
  const isNil = sides.some(({ type, ...side }) => "literal" in side && side.literal.type === "nil");
  for (const side of sides) {
    if (isNil && operator === "=" && side.type === "field" && side.field.type === "intrinsic") {
      throw new QueryError("type", at, `${printField(side.field)} is never nil`);
    }
  }
}

function inferArithmeticType(left: StaticType, right: StaticType): StaticType {
  const types = [left, right];
  return (["any", "duration", "float"] as const).find((type) => types.includes(type)) ?? "int";
}

function checkComparable(
  left: StaticType,
  right: StaticType,
  operator: string,
  at: Position,
): void {
  const isSame = left === right || left === "any" || right === "any";
  const isNil = left === "nil" || right === "nil";
  if (!isSame && !isNil && !(isNumeric(left) && isNumeric(right))) {
    throw new QueryError("type", at, `a ${left} and a ${right} cannot be compared`);
  }
  const isOrder = operator !== "=" && operator !== "!=";
  const hasNoOrder = [left, right].some((type) => type === "nil" || type === "bool");
  const isName = [left, right].some((type) => type === "status" || type === "kind");
  if (isOrder && (hasNoOrder || isName)) {
    throw new QueryError("type", at, `${operator} needs values that have an order`);
  }
}

function literalType(literal: Literal): StaticType {
  return literal.type === "placeholder" ? "any" : literal.type;
}

function fieldType(field: Field): StaticType {
  return field.type === "attribute" ? "any" : intrinsicTypes[field.name];
}

function hasType(type: StaticType, wanted: StaticType): boolean {
  return type === wanted || type === "any";
}

function isNumeric(type: StaticType): boolean {
  return type === "any" || type === "int" || type === "float" || type === "duration";
}
