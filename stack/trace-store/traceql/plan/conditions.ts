import {
  type ArithmeticOperator,
  type Expression,
  isArithmetic,
  type Position,
  QueryError,
} from "#traceql";
import type { RowSource } from "./row-source.ts";
import {
  comparedSql,
  isNumber,
  literalSql,
  presentSql,
  re2Sql,
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

/** A bare attribute that is true, or has an element that is. */
function truthSql(value: ValueSql): string {
  const bools = value.filter(({ type }) => type === "bool");
  return pairsSql(
    bools.map((one) => [one, single("bool", "true")]),
    ({ sql }) => `coalesce(${sql}, false)`,
    false,
  );
}

/** What is compared with what: one of the types that each side may have. */
type Pair = readonly [one: TypedSql, other: TypedSql];
/** Of two values that are no lists, as SQL that is true or false and never NULL. */
type Test = (one: TypedSql, other: TypedSql) => string;

/**
 * Whether what a span has of these pairs passes the test. Of an array, for the negated operators, `!=`
 * and `!~`, each element that can be compared must pass, and there must be one; for the others, one.
 */
function pairsSql(pairs: readonly Pair[], test: Test, isNegated: boolean): string {
  const lists = isNegated ? pairs.filter((pair) => pair.some(({ isList }) => isList)) : [];
  const tests = pairs.filter((pair) => !lists.includes(pair)).map((pair) => someSql(pair, test));
  if (lists.length > 0) {
    const some = (asked: Test) => lists.map((pair) => someSql(pair, asked)).join(" OR ");
    const fails: Test = (one, other) => `${areThere(one, other)} AND NOT ${test(one, other)}`;
    tests.push(`((${some(areThere)}) AND NOT (${some(fails)}))`);
  }
  return tests.length === 0 ? "false" : `(${tests.join(" OR ")})`;
}

function areThere(one: TypedSql, other: TypedSql): string {
  return `${one.sql} IS NOT NULL AND ${other.sql} IS NOT NULL`;
}

/** Whether some element of one side with some of the other does, or the two where they are no lists. */
function someSql([one, other]: Pair, test: Test): string {
  if (!one.isList) {
    return other.isList
      ? someSql([other, one], (element, value) => test(value, element))
      : test(one, other);
  }
  // Two lists stand within each other, so their elements need names of their own.
  const element = other.isList ? "outer_element" : "element";
  const inner = someSql([single(one.type, element), other], test);
  return `coalesce(len(list_filter(${one.sql}, ${element} -> ${inner})) > 0, false)`;
}

/**
 * What is calculated of two values. Integers stay integers, division too, as in Tempo; durations can be
 * added to each other; anything else with them is a double: the quotient of two is no duration. At most
 * one value of each type comes out, however many went in, and no part is written often, so that a long
 * calculation makes no statement that is longer by powers.
 */
function arithmeticSql(operator: ArithmeticOperator, left: ValueSql, right: ValueSql): ValueSql {
  const sides = { left: byType(left), right: byType(right) };
  const exact = listExactTypes(operator).flatMap((type) =>
    exactSql(operator, type, sides.left[type], sides.right[type]),
  );
  const double = doubleSql(operator, sides, exact);
  return [...exact, ...(double === undefined ? [] : [single("double", double)])];
}

function negatedSql(value: ValueSql): ValueSql {
  return numbersByType(value).map(({ type, sql, isWide }) =>
    type === "double"
      ? single(type, `(- ${sql})`)
      : { ...single(type, `TRY(- CAST(${sql} AS HUGEINT))`), isWide },
  );
}

type Exact = "int" | "duration";

function listExactTypes(operator: ArithmeticOperator): Exact[] {
  switch (operator) {
    case "^":
      return [];
    case "+":
    case "-":
      return ["int", "duration"];
    default:
      return ["int"];
  }
}

type ByType = Partial<Record<Exact | "double", TypedSql>>;
interface Sides {
  readonly left: ByType;
  readonly right: ByType;
}

/** Of each type one. Of a list nobody says which element is meant. */
function byType(value: ValueSql): ByType {
  return Object.fromEntries(numbersByType(value).map((one) => [one.type, one]));
}

function numbersByType(value: ValueSql): TypedSql[] {
  const numbers = value.filter((one) => isNumber(one) && !one.isList);
  return [...Map.groupBy(numbers, ({ type }) => type)].map(([type, ofType]) => {
    const texts = ofType.map(({ sql }) => sql);
    return {
      ...single(type, texts.length === 1 ? (texts[0] ?? "NULL") : `coalesce(${texts.join(", ")})`),
      isWide: ofType.some(({ isWide }) => isWide === true),
    };
  });
}

interface ExactSql extends TypedSql {
  /** Whether it may have more than 128 bits, and is missing then. */
  readonly mayOverflow: boolean;
}

function exactSql(
  operator: ArithmeticOperator,
  type: Exact,
  left: TypedSql | undefined,
  right: TypedSql | undefined,
): ExactSql[] {
  if (left === undefined || right === undefined) {
    return [];
  }
  const [one, other] = [left, right].map(({ sql }) => `CAST(${sql} AS HUGEINT)`);
  const sql = `(${one} ${operator === "/" ? "//" : operator} ${other})`;
  const mayOverflow = left.isWide === true || right.isWide === true;
  return [{ ...single(type, mayOverflow ? `TRY${sql}` : sql), isWide: true, mayOverflow }];
}

/** Where it is not exact: of different types, doubles, and what has too many bits. */
function doubleSql(
  operator: ArithmeticOperator,
  { left, right }: Sides,
  exact: readonly ExactSql[],
): string | undefined {
  const pairs = Object.keys(left).length * Object.keys(right).length;
  const isNeeded = pairs > exact.length || exact.some(({ mayOverflow }) => mayOverflow);
  const [one, other] = [findNumberSql(left), findNumberSql(right)];
  if (!isNeeded || one === undefined || other === undefined) {
    return undefined;
  }
  const calculated = calculatedSql(operator, one, other);
  const isExact = exact.map((value) => isDecidedSql(operator, value, { left, right }));
  return isExact.length === 0
    ? calculated
    : `CASE WHEN ${isExact.join(" OR ")} THEN NULL ELSE ${calculated} END`;
}

/** What is divided by zero is nothing. */
function calculatedSql(operator: ArithmeticOperator, one: string, other: string): string {
  switch (operator) {
    case "^":
      return `pow(${one}, ${other})`;
    case "/":
    case "%":
      return `(${one} ${operator} nullif(${other}, 0))`;
    default:
      return `(${one} ${operator} ${other})`;
  }
}

/** Too many bits are calculated again as doubles; a division by zero has no value at all. */
function isDecidedSql(
  operator: ArithmeticOperator,
  { type, sql, mayOverflow }: ExactSql,
  { left, right }: Sides,
): string {
  const isDivision = operator === "/" || operator === "%";
  return mayOverflow && !isDivision
    ? `${sql} IS NOT NULL`
    : `(${left[type as Exact]?.sql} IS NOT NULL AND ${right[type as Exact]?.sql} IS NOT NULL)`;
}

/** The one that is there, as a double. */
function findNumberSql(value: ByType): string | undefined {
  const texts = Object.values(value).map(({ type, sql }) =>
    type === "double" ? sql : `CAST(${sql} AS DOUBLE)`,
  );
  return texts.length < 2 ? texts[0] : `coalesce(${texts.join(", ")})`;
}
