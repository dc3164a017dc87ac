/**
 * A span as any OTLP sender may write it, in plain values: no protobuf, no JSON spelling, nothing lost.
 * Source of the shapes: opentelemetry-proto `trace/v1/trace.proto` and `common/v1/common.proto`.
 */

/** An OTLP `AnyValue`. Integers are bigint, because OTLP's are 64 bits wide. */
export type Value =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "bytes"; readonly value: Uint8Array }
  | { readonly type: "array"; readonly value: readonly Value[] }
  | { readonly type: "map"; readonly value: readonly KeyValue[] }
  | { readonly type: "empty" };

export interface KeyValue {
  readonly key: string;
  readonly value: Value;
}

export interface Resource {
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string;
}

/** The instrumentation scope: which tracer made the span. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string;
}

export interface SpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

/** In the order of OTLP's numbers: the index of a name is its number on the wire. */
export const spanKinds = [
  "unspecified",
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
] as const;
export type SpanKind = (typeof spanKinds)[number];

/** In the order of OTLP's numbers, as `spanKinds`. */
export const statusCodes = ["unset", "ok", "error"] as const;
export type StatusCode = (typeof statusCodes)[number];

export interface Span {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** 16 lower-case hexadecimal digits, or null for the root of a trace. */
  readonly parentSpanId: string | null;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  readonly status: { readonly code: StatusCode; readonly message: string };
  readonly resource: Resource;
  readonly scope: Scope;
}

export const emptyResource: Resource = { attributes: [], droppedAttributesCount: 0, schemaUrl: "" };

export const emptyScope: Scope = {
  name: "",
  version: "",
  attributes: [],
  droppedAttributesCount: 0,
  schemaUrl: "",
};

/** The value under a key, or undefined. Of a key that stands twice the first counts, as in Tempo. */
export function findValue(attributes: readonly KeyValue[], key: string): Value | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value;
}

/** The text under a key, or undefined when the key is missing or holds something else. */
export function findString(attributes: readonly KeyValue[], key: string): string | undefined {
  const value = findValue(attributes, key);
  return value?.type === "string" ? value.value : undefined;
}

/**
 * How long a span took, in nanoseconds, as a store says it: 0 for one that was sent with its end before
 * its start, or without an end.
 */
export function getDuration({ startTimeUnixNano, endTimeUnixNano }: Span): bigint {
  return endTimeUnixNano > startTimeUnixNano ? endTimeUnixNano - startTimeUnixNano : 0n;
}

/** When a trace began: with its first span that says when it did. 0 stands for a time that is unknown. */
export function getEarliestStart(spans: readonly Span[]): bigint {
  const starts = spans
    .map(({ startTimeUnixNano }) => startTimeUnixNano)
    .filter((time) => time > 0n);
  return starts.toSorted((one, other) => Number(one - other))[0] ?? 0n;
}
