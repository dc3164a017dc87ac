import { spanKinds, statusCodes, type Value } from "#contract";
import type { ComparisonOperator, Literal } from "#traceql";
import { readValueText } from "../../store/index.ts";
import { formatDuration } from "../print-expression.ts";

/**
 * Values are written into the statement and not bound, because only constants let DuckDB skip the
 * parts of the table that cannot hold them.
 */

/** A string as SQL text. DuckDB knows no escapes but the doubled quote; a NUL would end the text. */
export function textSql(value: string): string {
  const parts = value
    .toWellFormed()
    .split("\0")
    .map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(" || chr(0) || ")})`;
}

function intSql(value: bigint): string {
  return `CAST(${value} AS BIGINT)`;
}

function doubleSql(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}

/** The place of a member in a JSON text: a JSON pointer, which any key can be in. */
export function pointerSql(...keys: readonly string[]): string {
  const pointer = keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return textSql(pointer.join(""));
}

/** Whether the whole of a text fits a regular expression; a point fits an end of line, too. */
export function re2Sql(text: string, pattern: string): string {
  return `regexp_full_match(${text}, ${textSql(inOlderForm(pattern))}, 's')`;
}

/** RE2 of before 2023, which the database has, knows named groups as `(?P<name>` only. */
function inOlderForm(pattern: string): string {
  return pattern.replace(patternParts, (part) => (part === "(?<" ? "(?P<" : part));
}

/** What is quoted, escaped or a class of characters, in which a group cannot begin; and a named group. */
const patternParts =
  /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]?|\(\?<(?![=!])/g;

/**
 * A calculated time or duration as the columns hold them: beyond 64 bits it stands still. NULL stays
 * NULL, of which `least` and `greatest` know nothing.
 */
export function clampedSql(sql: string): string {
  const clamped = `greatest(-9223372036854775808, least(9223372036854775807, ${sql}))`;
  return `CASE WHEN (${sql}) IS NOT NULL THEN CAST(${clamped} AS BIGINT) END`;
}

/** status and kind: OTLP's numbers. duration: nanoseconds, as an integer. array: JSON. */
export type SqlType =
  | "string"
  | "int"
  | "double"
  | "bool"
  | "duration"
  | "status"
  | "kind"
  | "array";

/** A value in SQL: NULL where a span has none of this type. */
export interface TypedSql {
  readonly type: SqlType;
  readonly sql: string;
  /** The SQL is a list, of which a comparison needs one element that fits. */
  readonly isList: boolean;
  /** An integer that was calculated: it may have more than 64 bits. */
  readonly isWide?: boolean | undefined;
}

/** What a field may be: of these at most one is not NULL. Empty: no span has it at all. */
export type ValueSql = readonly TypedSql[];

export function single(type: SqlType, sql: string): TypedSql {
  return { type, sql, isList: false };
}

/** @returns undefined for nil. */
export function literalSql(literal: Literal): TypedSql | undefined {
  switch (literal.type) {
    case "string":
      return single("string", textSql(literal.value));
    case "int":
      return single("int", intSql(literal.value));
    case "float":
      return single("double", doubleSql(literal.value));
    case "duration":
      return single("duration", intSql(literal.nanoseconds));
    case "bool":
      return single("bool", literal.value ? "true" : "false");
    case "status":
      return single("status", String(statusCodes.indexOf(literal.value)));
    case "kind":
      return single("kind", String(spanKinds.indexOf(literal.value)));
    case "nil":
      return undefined;
    case "placeholder":
      throw new RangeError(`${literal.text} must be replaced before a query is asked.`);
    default:
      return literal satisfies never;
  }
}

export function isNumber({ type }: TypedSql): boolean {
  return type === "int" || type === "double" || type === "duration";
}

/** A comparison of two values that are no lists, as SQL that is true or false and never NULL. */
export function comparedSql(operator: ComparisonOperator, one: TypedSql, other: TypedSql): string {
  if (one.type !== "double" && other.type !== "double") {
    return `coalesce(${one.sql} ${operator} ${other.sql}, false)`;
  }
  const [left, right] = [one, other].map(({ type, sql }) =>
    type === "double" ? sql : `CAST(${sql} AS DOUBLE)`,
  );
  // To DuckDB NaN is equal to itself and larger than all else; in IEEE 754 it is neither.
  return operator === "!="
    ? `coalesce(${left} != ${right} OR isnan(${left}) AND isnan(${right}), false)`
    : `coalesce(${left} ${operator} ${right} AND NOT isnan(${left}) AND NOT isnan(${right}), false)`;
}

/** Whether a value is there: of events without it the list is as good as missing. */
export function presentSql(value: ValueSql): string {
  const tests = withoutElements(value).map(({ sql, isList }) =>
    isList
      ? `coalesce(len(list_filter(${sql}, one -> one IS NOT NULL)) > 0, false)`
      : `${sql} IS NOT NULL`,
  );
  return tests.length === 0 ? "false" : `(${tests.join(" OR ")})`;
}

/** An array is there as a whole, too. */
function withoutElements(value: ValueSql): ValueSql {
  const hasArray = value.some(({ type }) => type === "array");
  return hasArray ? value.filter(({ isList }) => !isList) : value;
}

/**
 * A value as one: an array whole and not by its elements; of several events or links the first that
 * has it.
 */
export function toFirstMembers(value: ValueSql): TypedSql[] {
  return firstMembers(withoutElements(value));
}

/** Of each type one, so that what is the same text is one group, wherever it was found. */
export function byType(values: readonly TypedSql[]): TypedSql[] {
  return [...Map.groupBy(values, ({ type }) => type)].map(([type, ofType]) => {
    const [only, ...others] = ofType;
    return only !== undefined && others.length === 0
      ? only
      : single(type, `coalesce(${ofType.map(({ sql }) => sql).join(", ")})`);
  });
}

/** A number to measure. An array has none. */
export function listNumberSql(value: ValueSql): TypedSql[] {
  return firstMembers(withoutElements(value).filter(isNumber));
}

/** Each list has a place for every event, empty where what it has is of another type. */
function firstMembers(value: ValueSql): TypedSql[] {
  const lists = value.filter(({ isList }) => isList);
  const earliest = `least(${lists.map(({ sql }) => placeSql(sql)).join(", ")})`;
  return value.map(({ type, sql, isList }) => {
    const first = `list_filter(${sql}, one -> one IS NOT NULL)[1]`;
    const isOnly = lists.length === 1;
    const ofList = isOnly ? first : `CASE WHEN ${placeSql(sql)} = ${earliest} THEN ${first} END`;
    return single(type, isList ? ofList : sql);
  });
}

function placeSql(list: string): string {
  return `nullif(list_position(list_transform(${list}, one -> one IS NOT NULL), true), 0)`;
}

/** Reads what `tagged` wrote: `int:5`. */
export function readTagged(text: string): { type: SqlType; value: Value } {
  const end = text.indexOf(":");
  const type = text.slice(0, end) as SqlType;
  return { type, value: toValue(type, text.slice(end + 1)) };
}

/** A value as Tempo's answers write it: durations, statuses and kinds are strings there. */
function toValue(type: SqlType, text: string): Value {
  switch (type) {
    case "string":
      return { type: "string", value: text };
    case "int":
      return toInteger(BigInt(text));
    case "double":
      return { type: "double", value: toNumber(text) };
    case "bool":
      return { type: "bool", value: text === "true" };
    case "duration":
      return { type: "string", value: formatDuration(wholeNumber(text)) };
    case "status":
      return { type: "string", value: statusCodes[Number(text)] ?? "unset" };
    case "kind":
      return { type: "string", value: spanKinds[Number(text)] ?? "unspecified" };
    case "array":
      return readValueText(text);
    default:
      return type satisfies never;
  }
}

/** What has more than 64 bits, as a sum may, has no other place than a double. */
function toInteger(value: bigint): Value {
  return BigInt.asIntN(64, value) === value
    ? { type: "int", value }
    : { type: "double", value: Number(value) };
}

/** DuckDB writes `inf` and `nan`. */
function toNumber(text: string): number {
  if (/inf/i.test(text)) {
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return Number(text);
}

/** Averages have parts of a nanosecond. */
function wholeNumber(text: string): bigint {
  return /^-?\d+$/.test(text) ? BigInt(text) : BigInt(Math.trunc(Number(text)));
}
