import type { BinaryOperator, Expression } from "../syntax.ts";
import type { RowSource } from "./row-source.ts";
import { textSql } from "./sql-text.ts";
import { isNumber, literalSql, single, type TypedSql, type ValueSql } from "./typed-sql.ts";

type Binary = Extract<Expression, { type: "binary" }>;

const mirrored = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!=" } as const;
type Comparison = keyof typeof mirrored;

/**
 * Whether a span fits, as SQL that is true or false and never NULL. Conditions on events hold when
 * all of them hold for one event; the same for links.
 */
export function filterSql(expression: Expression, rows: RowSource): string {
  return rows.withMembers(expression, () => conditionSql(expression, rows));
}

function conditionSql(expression: Expression, rows: RowSource): string {
  switch (expression.type) {
    case "literal":
      return expression.literal.type === "bool" ? String(expression.literal.value) : "false";
    case "field":
      return anyOf(rows.valueOf(expression.field, expression.at), "bool", (value) => value);
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
  const pattern =
    right.type === "literal" && right.literal.type === "string" ? right.literal.value : "";
  const not = operator === "!~" ? "NOT " : "";
  return anyOf(
    valueSql(left, rows),
    "string",
    (value) => `${not}regexp_full_match(${value}, ${textSql(pattern)}, 's')`,
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
  // An attribute beside a literal must have the literal's own type; in all else numbers are numbers.
  const isStrict =
    left.type === "field" &&
    left.field.type === "attribute" &&
    right.type === "literal" &&
    !rows.isAskedForPresence(left.field);
  const comparisons = leftValue.flatMap((one) =>
    rightValue
      .filter((other) => areComparable(one, other, isStrict))
      .map((other) => compared(operator, one, other)),
  );
  return comparisons.length === 0 ? "false" : `(${comparisons.join(" OR ")})`;
}

function areComparable(one: TypedSql, other: TypedSql, isStrict: boolean): boolean {
  if (one.type === other.type) {
    return true;
  }
  return isNumber(one) && isNumber(other) && !isStrict;
}

function compared(operator: Comparison, one: TypedSql, other: TypedSql): string {
  const asDoubles = one.type !== other.type && [one.type, other.type].includes("double");
  const cast = (sql: string) => (asDoubles ? `CAST(${sql} AS DOUBLE)` : sql);
  if (one.isList) {
    const inner = compared(operator, single(one.type, "element"), other);
    return `coalesce(len(list_filter(${one.sql}, element -> ${inner})) > 0, false)`;
  }
  if (other.isList) {
    return compared(mirrored[operator], other, one);
  }
  return `coalesce(${cast(one.sql)} ${operator} ${cast(other.sql)}, false)`;
}

/** What is missing is in no variant; an empty list is as good as missing. */
function nilSql(operator: Comparison, value: ValueSql): string {
  const present = value.map(({ sql, isList }) =>
    isList
      ? `coalesce(len(list_filter(${sql}, one -> one IS NOT NULL)) > 0, false)`
      : `${sql} IS NOT NULL`,
  );
  const isPresent = present.length === 0 ? "false" : `(${present.join(" OR ")})`;
  return operator === "!=" ? isPresent : `(NOT ${isPresent})`;
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
        ? [single("bool", conditionSql(expression, rows))]
        : numbersOf(valueSql(expression.operand, rows)).map(({ type, sql }) =>
            single(type, `(- ${exact(type, sql)})`),
          );
    case "binary":
      return isArithmetic(expression.operator)
        ? arithmeticSql(expression, rows)
        : [single("bool", conditionSql(expression, rows))];
    default:
      return expression satisfies never;
  }
}

type Arithmetic = "+" | "-" | "*" | "/" | "%" | "^";

function isArithmetic(operator: BinaryOperator): operator is Arithmetic {
  return operator.length === 1 && "+-*/%^".includes(operator);
}

function arithmeticSql({ operator, left, right }: Binary, rows: RowSource): ValueSql {
  const rightNumbers = numbersOf(valueSql(right, rows));
  return numbersOf(valueSql(left, rows)).flatMap((one) =>
    rightNumbers.map((other) => calculated(operator as Arithmetic, one, other)),
  );
}

/**
 * Integers stay integers, division too, as in Tempo. Durations can be added to each other; anything
 * else with them is a number: the quotient of two is no duration.
 */
function calculated(operator: Arithmetic, one: TypedSql, other: TypedSql): TypedSql {
  const isSum = operator === "+" || operator === "-";
  const isExact =
    one.type === other.type &&
    ((one.type === "int" && operator !== "^") || (one.type === "duration" && isSum));
  if (!isExact) {
    const [left, right] = [one, other].map(({ sql }) => `CAST(${sql} AS DOUBLE)`);
    return single("double", doubleSql(operator, left ?? "", right ?? ""));
  }
  const [left, right] = [one, other].map(({ sql }) => `CAST(${sql} AS HUGEINT)`);
  return single(one.type, `(${left} ${operator === "/" ? "//" : operator} ${right})`);
}

/** What is divided by zero is nothing. */
function doubleSql(operator: Arithmetic, left: string, right: string): string {
  switch (operator) {
    case "^":
      return `pow(${left}, ${right})`;
    case "/":
    case "%":
      return `(${left} ${operator} nullif(${right}, 0))`;
    default:
      return `(${left} ${operator} ${right})`;
  }
}

function exact(type: TypedSql["type"], sql: string): string {
  return type === "double" ? sql : `CAST(${sql} AS HUGEINT)`;
}

/** Numbers that can be calculated with; of a list nobody says which. */
function numbersOf(value: ValueSql): ValueSql {
  return value.filter((one) => isNumber(one) && !one.isList);
}

function anyOf(value: ValueSql, type: TypedSql["type"], test: (sql: string) => string): string {
  const tests = value
    .filter((one) => one.type === type)
    .map(({ sql, isList }) =>
      isList
        ? `coalesce(len(list_filter(${sql}, element -> ${test("element")})) > 0, false)`
        : `coalesce(${test(sql)}, false)`,
    );
  return tests.length === 0 ? "false" : `(${tests.join(" OR ")})`;
}
