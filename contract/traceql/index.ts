/** TraceQL in the words of a contract: what is printed asks for what the contract declares. */
export {
  allOf,
  anyOf,
  type Condition,
  type NumberVariable,
  type PatternVariable,
  type TextVariable,
  variable,
} from "./condition.ts";
export type {
  BooleanField,
  CarriedBy,
  Field,
  FieldOf,
  Intrinsics,
  KindField,
  NameField,
  ResourceFields,
  SpanFields,
  SpanOf,
  StatusField,
  TextField,
} from "./field.ts";
export type { MetricsHints, SearchHints } from "./hints.ts";
export type { MetricsQuery, SeriesQuery } from "./metrics-query.ts";
export {
  type Duration,
  microseconds,
  milliseconds,
  type Quantity,
  type QuantityKind,
  seconds,
} from "./quantity.ts";
export type { SearchQuery } from "./search-query.ts";
export type { Spanset } from "./spanset.ts";
export { type Traceql, traceql } from "./vocabulary.ts";
