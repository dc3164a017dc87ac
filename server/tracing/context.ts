import { context, isSpanContextValid, trace } from "@opentelemetry/api";

/** The ids that a log line written now belongs to, under the names that they have in the line. */
export interface ActiveSpanIds {
  /** 32 lower-case hexadecimal digits. */
  readonly trace_id: string;
  /** 16 lower-case hexadecimal digits. */
  readonly span_id: string;
}

/** Undefined outside of requests. */
export function activeSpanIds(): ActiveSpanIds | undefined {
  const active = trace.getSpanContext(context.active());
  return active !== undefined && isSpanContextValid(active)
    ? { trace_id: active.traceId, span_id: active.spanId }
    : undefined;
}
