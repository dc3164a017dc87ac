export { fromBase64, hexOfBytes, toBase64 } from "./bytes.ts";
export type { ReadFault, ReadOutcome } from "./json-reader.ts";
export { type ReadResult, readOtlpJson } from "./read-json.ts";
export { nestingLimit } from "./read-value.ts";
export {
  durationOf,
  emptyResource,
  emptyScope,
  findString,
  findValue,
  type KeyValue,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanKind,
  type SpanLink,
  type StatusCode,
  spanKinds,
  startOf,
  statusCodes,
  type Value,
} from "./span.ts";
export { type JsonDialect, resourceSpansText, writeResourceSpans } from "./write-json.ts";
