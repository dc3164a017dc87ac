import type { ArithmeticOperator } from "#traceql";
import { isNumber, single, type TypedSql, type ValueSql } from "./typed-sql.ts";

/**
 * What is calculated of two values. Integers stay integers, division too, as in Tempo; durations can be
 * added to each other; anything else with them is a double: the quotient of two is no duration. At most
 * one value of each type comes out, however many went in, and no part is written often, so that a long
 * calculation makes no statement that is longer by powers.
 */
export function arithmeticSql(
  operator: ArithmeticOperator,
  left: ValueSql,
  right: ValueSql,
): ValueSql {
  const sides = { left: byType(left), right: byType(right) };
  const exact = exactTypesOf(operator).flatMap((type) =>
    exactSql(operator, type, sides.left[type], sides.right[type]),
  );
  const double = doubleSql(operator, sides, exact);
  return [...exact, ...(double === undefined ? [] : [single("double", double)])];
}

export function negatedSql(value: ValueSql): ValueSql {
  return numbersByType(value).map(({ type, sql, isWide }) =>
    type === "double"
      ? single(type, `(- ${sql})`)
      : { ...single(type, `TRY(- CAST(${sql} AS HUGEINT))`), isWide },
  );
}

type Exact = "int" | "duration";

function exactTypesOf(operator: ArithmeticOperator): Exact[] {
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
  const [one, other] = [numberOf(left), numberOf(right)];
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
function numberOf(value: ByType): string | undefined {
  const texts = Object.values(value).map(({ type, sql }) =>
    type === "double" ? sql : `CAST(${sql} AS DOUBLE)`,
  );
  return texts.length < 2 ? texts[0] : `coalesce(${texts.join(", ")})`;
}
