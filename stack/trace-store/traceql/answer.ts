import type { KeyValue, Value } from "#contract";

/** What a search finds: the form of Tempo's answers before it is written as JSON. */
export interface FoundTrace {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** Of the span without a parent; where it has not come, "<root span not yet received>" and "". */
  readonly rootServiceName: string;
  readonly rootSpanName: string;
  /** From the earliest start to the latest end of the trace's spans. */
  readonly startNs: bigint;
  readonly durationNs: bigint;
  /** One, or one for each group of `by`. */
  readonly spansets: readonly FoundSpanset[];
  readonly services: readonly { name: string; spanCount: number; errorCount: number }[];
}

export interface FoundSpanset {
  /** At most as many as asked for, in the order of their starts. */
  readonly spans: readonly FoundSpan[];
  /** How many matched in all. */
  readonly matched: number;
  /** Of `by(…)` and of aggregates: `by(name)`, `count()`, `avg(duration)`, spelled as in Tempo. */
  readonly attributes: readonly KeyValue[];
}

export interface FoundSpan {
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Null unless the query mentions it. */
  readonly name: string | null;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  /** What the query mentions or selects and the span has; without the scope in the key, as in Tempo. */
  readonly attributes: readonly KeyValue[];
}

/** One line of a metrics answer. */
export interface Series {
  /** Keys keep their scope: `resource.service.name`; `name`, `p`, `__bucket` … are bare. */
  readonly labels: readonly { key: string; value: Value }[];
  /** In the order of time. A step that has no value is not there. */
  readonly samples: readonly Sample[];
  /** Spans that stand for others, where they were asked for. */
  readonly exemplars?: readonly Exemplar[];
}

export interface Exemplar {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** When the span started, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** What was measured of it; where spans are counted, the value of its step. */
  readonly value: number;
}

export interface Sample {
  /** The end of the step, in milliseconds since 1970. */
  readonly timestampMs: number;
  readonly value: number;
}
