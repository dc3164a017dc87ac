import { spanKinds, statusCodes } from "#contract";
import type { Literal } from "../syntax.ts";
import { doubleSql, intSql, textSql } from "./sql-text.ts";

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
    default:
      return literal satisfies never;
  }
}

export function isNumber({ type }: TypedSql): boolean {
  return type === "int" || type === "double" || type === "duration";
}

/**
 * A value as one: an array whole and not by its elements; of several events or links the first that
 * has it.
 */
export function wholeOf(value: ValueSql): TypedSql[] {
  const hasArray = value.some(({ type }) => type === "array");
  return value
    .filter(({ isList }) => !(isList && hasArray))
    .map(({ type, sql, isList }) =>
      single(type, isList ? `list_filter(${sql}, one -> one IS NOT NULL)[1]` : sql),
    );
}
