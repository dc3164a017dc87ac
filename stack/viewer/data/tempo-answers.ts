/** Tempo's answers in JSON, as far as they are read: zero fields and empty lists are left out. */

/** The header in which the embedded store says what a query may have mistyped. A Tempo has none. */
export const queryHintHeader = "x-query-hint";

export interface WireValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number | string;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
}

export interface WireAttribute {
  readonly key: string;
  readonly value?: WireValue;
}

export interface SearchAnswer {
  readonly traces?: readonly FoundTrace[];
}

export interface FoundTrace {
  readonly traceID: string;
  readonly rootServiceName?: string;
  readonly rootTraceName?: string;
  readonly startTimeUnixNano?: string;
  readonly durationMs?: number;
  readonly spanSets?: readonly FoundSpanSet[];
  readonly spanSet?: FoundSpanSet;
}

export interface FoundSpanSet {
  readonly spans?: readonly FoundSpan[];
  readonly matched?: number;
  readonly attributes?: readonly WireAttribute[];
}

export interface FoundSpan {
  readonly spanID: string;
  readonly name?: string;
  readonly startTimeUnixNano?: string;
  readonly durationNanos?: string;
  readonly attributes?: readonly WireAttribute[];
}

export interface MetricsAnswer {
  readonly series?: readonly MetricsSeries[];
}

export interface MetricsSeries {
  readonly labels?: readonly WireAttribute[];
  readonly samples?: readonly { readonly timestampMs: string; readonly value?: number | string }[];
  /** Of an instant query; missing when it is 0. */
  readonly value?: number | string;
}

/** Tempo leaves leading zeros out of ids in searches. */
export function wholeTraceId(id: string): string {
  return id.padStart(32, "0");
}
