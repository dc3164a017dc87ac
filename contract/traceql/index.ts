/** TraceQL in the words of a contract: what is printed asks for what the contract declares. */
export { allOf, anyOf, type Condition } from "./condition.ts";
export { type Duration, microseconds, milliseconds, seconds } from "./duration.ts";
export type { BooleanField, Field, KindField, NameField, StatusField, TextField } from "./field.ts";
export type {
  CarriedBy,
  FieldOf,
  Intrinsics,
  ResourceFields,
  SpanFields,
  SpanOf,
} from "./fields.ts";
export type { MetricsHints, SearchHints } from "./hints.ts";
export type { MetricsQuery, SeriesQuery } from "./metrics-query.ts";
export type { Quantity, QuantityKind } from "./quantity.ts";
export type { SearchQuery } from "./search-query.ts";
export type { Spanset } from "./spanset.ts";
export {
  type NumberVariable,
  type PatternVariable,
  type TextVariable,
  variable,
} from "./variable.ts";
export { type Traceql, traceql } from "./vocabulary.ts";
