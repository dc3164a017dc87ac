import {
  type Context,
  isSpanContextValid,
  type Span,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { RandomIdGenerator } from "@opentelemetry/sdk-trace";

const ids = new RandomIdGenerator();

/**
 * Starts a span that always has ids of its own. Without a provider OpenTelemetry hands back the
 * parent's span, or one whose ids are all zeros; log lines need ids all the same.
 */
export function startOwnSpan(
  tracer: Tracer,
  name: string,
  parent: Context,
  options: SpanOptions,
): Span {
  const span = tracer.startSpan(name, options, parent);
  const parentIds = trace.getSpanContext(parent);
  const { spanId } = span.spanContext();
  if (isSpanContextValid(span.spanContext()) && spanId !== parentIds?.spanId) {
    return span;
  }
  return trace.wrapSpanContext({
    traceId: parentIds?.traceId ?? ids.generateTraceId(),
    spanId: ids.generateSpanId(),
    traceFlags: TraceFlags.NONE,
  });
}
