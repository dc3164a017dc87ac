import {
  type ArithmeticOperator,
  type BinaryOperator,
  type Expression,
  type Position,
  QueryError,
} from "#traceql";
import { arithmeticSql, negatedSql } from "./arithmetic.ts";
import { type Pair, pairsSql } from "./pairs.ts";
import type { RowSource } from "./row-source.ts";
import { re2Sql } from "./sql-text.ts";
import {
  comparedSql,
  isNumber,
  literalSql,
  presentSql,
  single,
  type TypedSql,
  type ValueSql,
} from "./typed-sql.ts";

type Binary = Extract<Expression, { type: "binary" }>;

const mirrored = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!=" } as const;
type Comparison = keyof typeof mirrored;

/**
 * Whether a span fits, as SQL that is true or false and never NULL. Conditions on events hold when
 * all of them hold for one event; the same for links.
 */
export function filterSql(expression: Expression, rows: RowSource): string {
  const sql = rows.withMembers(() => conditionSql(expression, rows));
  expectShort(sql, longestCondition, expression.at);
  return sql;
}

/** Of longer ones the plan alone would take the database seconds. */
const longestCondition = 393_216;
const longestCalculation = 196_608;

function expectShort(sql: string, longest: number, at: Position): void {
  if (sql.length > longest) {
    throw new QueryError("unsupported", at, "a condition or calculation of so many parts");
  }
}

function conditionSql(expression: Expression, rows: RowSource): string {
  switch (expression.type) {
    case "literal":
      return expression.literal.type === "bool" ? String(expression.literal.value) : "false";
    case "field":
      return truthSql(rows.valueOf(expression.field, expression.at));
    case "unary":
      return expression.operator === "!"
        ? `(NOT ${conditionSql(expression.operand, rows)})`
        : "false";
    case "binary":
      return binarySql(expression, rows);
    default:
      return expression satisfies never;
  }
}

function binarySql(expression: Binary, rows: RowSource): string {
  const { operator, left, right } = expression;
  switch (operator) {
    case "&&":
      return `(${conditionSql(left, rows)} AND ${conditionSql(right, rows)})`;
    case "||":
      return `(${conditionSql(left, rows)} OR ${conditionSql(right, rows)})`;
    case "=~":
    case "!~":
      return regexSql(expression, rows);
    case "=":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return comparisonSql(operator, left, right, rows);
    default:
      return "false";
  }
}

function regexSql({ operator, left, right }: Binary, rows: RowSource): string {
  const isNegated = operator === "!~";
  const pattern =
    right.type === "literal" && right.literal.type === "string" ? right.literal.value : "";
  const texts = valueSql(left, rows).filter(({ type }) => type === "string");
  return pairsSql(
    texts.map((text) => [text, single("string", "''")]),
    ({ sql }) => `coalesce(${isNegated ? "NOT " : ""}${re2Sql(sql, pattern)}, false)`,
    isNegated,
  );
}

function comparisonSql(
  operator: Comparison,
  left: Expression,
  right: Expression,
  rows: RowSource,
): string {
  // Tempo answers nothing for a literal on the left; ours means the same on both sides.
  if (left.type === "literal" && right.type !== "literal") {
    return comparisonSql(mirrored[operator], right, left, rows);
  }
  const ofRoots = rootSql(operator, left, right);
  if (ofRoots !== undefined) {
    return ofRoots;
  }
  const rightValue = valueSql(right, rows);
  const leftValue = valueSql(left, rows);
  if (right.type === "literal" && right.literal.type === "nil") {
    return nilSql(operator, leftValue);
  }
  const pairs = leftValue.flatMap((one) =>
    rightValue
      .filter((other) => areComparable(operator, one, other))
      .map((other): Pair => [one, other]),
  );
  return pairsSql(pairs, (one, other) => comparedSql(operator, one, other), operator === "!=");
}

/** Numbers are numbers, whatever the type of each. */
function areComparable(operator: Comparison, one: TypedSql, other: TypedSql): boolean {
  if (one.type === other.type) {
    const hasOrder = isNumber(one) || one.type === "string";
    return one.type !== "array" && (hasOrder || operator === "=" || operator === "!=");
  }
  return isNumber(one) && isNumber(other);
}

/** What is missing is in no variant. */
function nilSql(operator: Comparison, value: ValueSql): string {
  return operator === "!=" ? presentSql(value) : `(NOT ${presentSql(value)})`;
}

/** The question for roots needs no tree: undefined when it is another one. */
function rootSql(operator: Comparison, left: Expression, right: Expression): string | undefined {
  const isAsked =
    left.type === "field" &&
    left.field.type === "intrinsic" &&
    left.field.name === "nestedSetParent";
  if (!isAsked || right.type !== "literal" || right.literal.type !== "int") {
    return undefined;
  }
  switch (`${operator} ${right.literal.value}`) {
    case "< 0":
    case "<= -1":
    case "= -1":
      return "(s.parent_id IS NULL)";
    case ">= 0":
    case "> -1":
    case "!= -1":
      return "(s.parent_id IS NOT NULL)";
    default:
      return undefined;
  }
}

/** What an expression is worth for a span, by type. */
export function valueSql(expression: Expression, rows: RowSource): ValueSql {
  switch (expression.type) {
    case "literal": {
      const literal = literalSql(expression.literal);
      return literal === undefined ? [] : [literal];
    }
    case "field":
      return rows.valueOf(expression.field, expression.at);
    case "unary":
      return expression.operator === "!"
        ? [single("bool", filterSql(expression, rows))]
        : negatedSql(valueSql(expression.operand, rows));
    case "binary":
      return isArithmetic(expression.operator)
        ? calculationSql(expression.operator, expression, rows)
        : [single("bool", filterSql(expression, rows))];
    default:
      return expression satisfies never;
  }
}

function calculationSql(
  operator: ArithmeticOperator,
  { left, right, at }: Binary,
  rows: RowSource,
): ValueSql {
  const calculated = arithmeticSql(operator, valueSql(left, rows), valueSql(right, rows));
  for (const { sql } of calculated) {
    expectShort(sql, longestCalculation, at);
  }
  return calculated;
}

function isArithmetic(operator: BinaryOperator): operator is ArithmeticOperator {
  return operator.length === 1 && "+-*/%^".includes(operator);
}

/** A bare attribute that is true, or has an element that is. */
function truthSql(value: ValueSql): string {
  const bools = value.filter(({ type }) => type === "bool");
  return pairsSql(
    bools.map((one) => [one, single("bool", "true")]),
    ({ sql }) => `coalesce(${sql}, false)`,
    false,
  );
}
