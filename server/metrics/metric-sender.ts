import { status } from "@grpc/grpc-js";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode, suppressTracing } from "@opentelemetry/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import {
  AggregationTemporality,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { Log } from "../logging/index.ts";
import { type Environment, numberOf, TracingError, textOf } from "../tracing/index.ts";
import type { MetricsContract } from "./metrics-contract.ts";

/** As the specification has them. */
const defaultIntervalMs = 60_000;
const defaultLimitMs = 30_000;
/** A collector that hangs would otherwise hold up the end of the process for ten seconds. */
const timeoutMs = 2_000;

interface SenderOptions {
  readonly log: Log;
  readonly environment: Environment;
}

/**
 * What sends the metrics over OTLP every minute, or as OTEL_METRIC_EXPORT_INTERVAL says; undefined when
 * the environment wants none sent.
 * @throws TracingError when the variables hold an address that is none.
 */
export function metricSender(
  contract: MetricsContract,
  { log, environment }: SenderOptions,
): PeriodicExportingMetricReader | undefined {
  const isDisabled = textOf(environment, "OTEL_SDK_DISABLED")?.toLowerCase() === "true";
  if (isDisabled || textOf(environment, "OTEL_METRICS_EXPORTER") === "none") {
    return undefined;
  }
  const intervalMs = numberOf(environment, "OTEL_METRIC_EXPORT_INTERVAL", defaultIntervalMs);
  const limitMs = numberOf(environment, "OTEL_METRIC_EXPORT_TIMEOUT", defaultLimitMs);
  return new PeriodicExportingMetricReader({
    exporter: new PatientExporter(connect(environment), contract.logEvents, log),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(limitMs, intervalMs),
  });
}

function connect(environment: Environment): OTLPMetricExporter {
  const isTimeoutSet = ["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT"].some(
    (name) => textOf(environment, name) !== undefined,
  );
  try {
    return new OTLPMetricExporter({
      ...(isTimeoutSet ? {} : { timeoutMillis: timeoutMs }),
      // gRPC shares connections with equal options; the spans have theirs to themselves.
      userAgent: "metrics",
    });
  } catch (error) {
    throw new TracingError(
      "otlp_exporter_invalid",
      "The OTEL_EXPORTER_OTLP_* variables are invalid. Write the endpoint as http://host:4317.",
      error,
    );
  }
}

/** A receiver that takes no metrics may be followed by one that does, on the same port. */
const askAgainMs = 600_000;

/**
 * Sums go on growing while nobody takes them, so what failed is not kept: the next export has it. A
 * receiver that takes no metrics at all, such as the embedded trace store, is asked now and then only.
 */
class PatientExporter implements PushMetricExporter {
  readonly #exporter: OTLPMetricExporter;
  readonly #events: MetricsContract["logEvents"];
  readonly #log: Log;
  #refusedAtMs: number | undefined;
  #isFailing = false;

  constructor(exporter: OTLPMetricExporter, events: MetricsContract["logEvents"], log: Log) {
    this.#exporter = exporter;
    this.#events = events;
    this.#log = log;
  }

  export(metrics: ResourceMetrics, callback: (result: ExportResult) => void): void {
    if (this.#refusedAtMs !== undefined && performance.now() - this.#refusedAtMs < askAgainMs) {
      callback({ code: ExportResultCode.SUCCESS });
      return;
    }
    context.with(suppressTracing(ROOT_CONTEXT), () => {
      this.#exporter.export(metrics, (result) => {
        this.#tell(result);
        // What there is to say of it was said; the SDK would add its own words at each failure.
        callback({ code: ExportResultCode.SUCCESS });
      });
    });
  }

  /** Whatever the environment prefers: differences that failed to arrive would be lost. */
  selectAggregationTemporality = () => AggregationTemporality.CUMULATIVE;

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #tell({ code, error }: ExportResult): void {
    if (code === ExportResultCode.SUCCESS) {
      this.#isFailing = false;
      this.#refusedAtMs = undefined;
      return;
    }
    const grpcCode = error !== undefined && "code" in error ? Number(error.code) : Number.NaN;
    if (grpcCode === status.UNIMPLEMENTED) {
      const isKnown = this.#refusedAtMs !== undefined;
      this.#refusedAtMs = performance.now();
      if (!isKnown) {
        this.#log(this.#events.metricsRefused, {
          action: "Read them at /metrics, or set OTEL_EXPORTER_OTLP_METRICS_ENDPOINT.",
        });
      }
    } else if (!this.#isFailing) {
      this.#isFailing = true;
      const reason =
        grpcCode in status ? `${grpcCode} ${status[grpcCode]}` : "The metrics could not be sent.";
      this.#log(this.#events.metricsNotSent, { reason });
    }
  }
}
