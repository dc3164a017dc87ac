export {
  bytesToHex,
  fromBase64,
  type ReadFault,
  type ReadOutcome,
  toBase64,
} from "./json-reader.ts";
export { nestingLimit, type ReadResult, readOtlpJson } from "./read-json.ts";
export {
  emptyResource,
  emptyScope,
  findString,
  findValue,
  getDuration,
  getEarliestStart,
  type KeyValue,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanKind,
  type SpanLink,
  type StatusCode,
  spanKinds,
  statusCodes,
  type Value,
} from "./span.ts";
export { type JsonDialect, resourceSpansText, writeResourceSpans } from "./write-json.ts";
