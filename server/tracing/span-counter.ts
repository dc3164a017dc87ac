import { TraceFlags } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";

/** Counts the spans that should be sent: the batch processor does not tell what it could not take. */
export class SpanCounter implements SpanProcessor {
  #ended = 0;
  #isStopped = false;

  /** Sampled spans that have ended. */
  get ended(): number {
    return this.#ended;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (!this.#isStopped && (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) {
      this.#ended += 1;
    }
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#isStopped = true;
  }
}
