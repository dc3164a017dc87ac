import { metrics as declared, miniserve } from "#contract";
import type { Engine } from "./llama/engine/index.ts";
import type { Log } from "./logging/index.ts";
import { type Metrics, measureRequest, startMetrics } from "./metrics/index.ts";
import { isInterruption } from "./pipeline/interruption.ts";
import { type Environment, startTracing, type Tracing } from "./tracing/index.ts";

export interface ObservationOptions {
  readonly log: Log;
  readonly serviceVersion: string;
  /** The environment of this process; parts of it the SDK reads by itself. */
  readonly environment: Environment;
}

/** Spans, and what is measured besides them. */
export interface Observation {
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  /** Sends what is left of both, for a bounded time. Never rejects. */
  shutdown(): Promise<void>;
}

/**
 * Starts tracing and, from the same spans, metrics.
 * @throws TracingError when tracing runs already, or the exporter's variables cannot be used.
 */
export function startObservation(options: ObservationOptions): Observation {
  // Tracing first: where it cannot start, nothing else must be left running.
  const tracing = startTracing(miniserve, {
    ...options,
    isInterruption,
    onRequestEnded: (request) => measureRequest(metrics, request),
  });
  const metrics = startMetrics(miniserve, options);
  metrics.observe(declared.spansEnded, () => tracing.statistics().spansEnded);
  metrics.observe(declared.spansAccepted, () => tracing.statistics().spansAccepted);
  metrics.observe(declared.exportsFailed, () => tracing.statistics().exportsFailed);
  metrics.observe(declared.spansDropped, () => tracing.statistics().spansDropped);
  return {
    tracing,
    metrics,
    shutdown: async () => {
      // The spans first: how many of them were lost is one of the metrics.
      await tracing.shutdown();
      await metrics.shutdown();
    },
  };
}

/** What the metrics say of the model's slots, looked up whenever somebody reads them. */
export function observeSlots(metrics: Metrics, engine: Engine): void {
  metrics.observe(declared.queueDepth, () => engine.status().queueLength);
  metrics.observe(declared.slotsUsed, () => engine.status().slotsBusy);
  metrics.observe(declared.slotsLimit, () => engine.slotCount);
}
