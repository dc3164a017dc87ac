import { randomUUID } from "node:crypto";
import { status } from "@grpc/grpc-js";
import {
  type Attributes,
  type Counter,
  context,
  type Histogram,
  type Meter,
  ROOT_CONTEXT,
} from "@opentelemetry/api";
import { type ExportResult, ExportResultCode, suppressTracing } from "@opentelemetry/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import {
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type IMetricReader,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { type Contract, type LabelsOf, type MetricDefinition, validateValue } from "#contract";
import type { logEvents } from "#miniserve";
import type { Log } from "../logging/index.ts";
import {
  createResource,
  type Environment,
  readEnvNumber,
  readEnvText,
  TracingError,
} from "../tracing/index.ts";
import { PrometheusReader } from "./prometheus-text.ts";

type Recorded = MetricDefinition<{ instrument: "histogram" | "counter"; labels: object }>;
type Observed = MetricDefinition<{ instrument: "gauge" | "observable-counter"; labels: object }>;

interface MetricsOptions {
  readonly log: Log;
  readonly serviceVersion: string;
  /** The environment of this process; parts of it the SDK reads by itself. */
  readonly environment: Environment;
}

export interface Metrics {
  /** Adds to a counter, or puts a value into a histogram. What the contract refuses is left out and logged. */
  record<Metric extends Recorded>(metric: Metric, value: number, labels: LabelsOf<Metric>): void;
  /** Says where a value is looked up whenever somebody reads the metrics. */
  observe(metric: Observed, read: () => number): void;
  /** All metrics in Prometheus's text format, version 0.0.4. */
  prometheusText(): Promise<string>;
  /** Sends what was measured since it was sent last, for a bounded time. Never rejects. */
  shutdown(): Promise<void>;
}

/**
 * Starts measuring by a contract. Metrics can be read at any time, and are sent over OTLP as the
 * environment says, to where the spans go.
 * @throws TracingError when the exporter's variables cannot be used.
 */
export function startMetrics(contract: MetricsContract, options: MetricsOptions): Metrics {
  const declared = Object.values(contract.metrics ?? {});
  const reader = new PrometheusReader(declared);
  const sender = metricSender(contract, options);
  const readers: IMetricReader[] = [reader, ...(sender === undefined ? [] : [sender])];
  const provider = new MeterProvider({ resource: metricResource(contract, options), readers });
  return new ContractMetrics(contract, provider.getMeter(contract.tracerName), options.log, {
    text: () => reader.text(),
    // It rejects when the last export failed, which has been told already.
    stop: () => provider.shutdown().catch(() => undefined),
  });
}

/** As of the spans, and which process it is: another one counts from zero too. */
function metricResource(contract: Contract, { serviceVersion }: MetricsOptions): Resource {
  const { instance } = contract.resource;
  return createResource(contract, serviceVersion)
    .merge(resourceFromAttributes(instance === undefined ? {} : { [instance.key]: randomUUID() }))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
}

interface Ends {
  readonly text: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

class ContractMetrics implements Metrics {
  readonly #contract: MetricsContract;
  readonly #log: Log;
  readonly #ends: Ends;
  readonly #meter: Meter;
  readonly #add = new Map<MetricDefinition, (value: number, labels: Attributes) => void>();

  constructor(contract: MetricsContract, meter: Meter, log: Log, ends: Ends) {
    this.#contract = contract;
    this.#meter = meter;
    this.#log = log;
    this.#ends = ends;
    for (const metric of Object.values(contract.metrics ?? {})) {
      if (metric.instrument === "histogram") {
        const histogram: Histogram = meter.createHistogram(metric.name, {
          ...texts(metric),
          advice: { explicitBucketBoundaries: [...(metric.buckets ?? [])] },
        });
        this.#add.set(metric, (value, labels) => histogram.record(value, labels));
      } else if (metric.instrument === "counter") {
        const counter: Counter = meter.createCounter(metric.name, texts(metric));
        this.#add.set(metric, (value, labels) => counter.add(value, labels));
      }
    }
  }

  record<Metric extends Recorded>(metric: Metric, value: number, labels: LabelsOf<Metric>): void {
    const add = this.#add.get(metric);
    const attributes: Attributes = {};
    const faults = add === undefined ? ["the contract has no such metric to record"] : [];
    if (!(Number.isFinite(value) && value >= 0)) {
      faults.push("its value is no number of 0 or more");
    }
    const given = labels as Readonly<Record<string, unknown>>;
    for (const identifier in metric.attributes) {
      const attribute = metric.attributes[identifier];
      const fault = attribute && validateValue(attribute, given[identifier]);
      if (attribute === undefined || fault !== undefined) {
        faults.push(`${attribute?.key} is ${fault}`);
      } else {
        attributes[attribute.key] = given[identifier] as string | boolean;
      }
    }
    if (faults.length === 0) {
      add?.(value, attributes);
      return;
    }
    for (const fault of faults) {
      this.#log(this.#contract.logEvents.contractViolated, { reason: `${metric.name}: ${fault}.` });
    }
  }

  observe(metric: Observed, read: () => number): void {
    const instrument =
      metric.instrument === "gauge"
        ? this.#meter.createObservableGauge(metric.name, texts(metric))
        : this.#meter.createObservableCounter(metric.name, texts(metric));
    instrument.addCallback((result) => result.observe(read()));
  }

  prometheusText(): Promise<string> {
    return this.#ends.text();
  }

  shutdown(): Promise<void> {
    return this.#ends.stop();
  }
}

function texts({ brief, unit }: MetricDefinition) {
  return { description: brief, unit };
}

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
function metricSender(
  contract: MetricsContract,
  { log, environment }: SenderOptions,
): PeriodicExportingMetricReader | undefined {
  const isDisabled = readEnvText(environment, "OTEL_SDK_DISABLED")?.toLowerCase() === "true";
  if (isDisabled || readEnvText(environment, "OTEL_METRICS_EXPORTER") === "none") {
    return undefined;
  }
  const intervalMs = readEnvNumber(environment, "OTEL_METRIC_EXPORT_INTERVAL", defaultIntervalMs);
  const limitMs = readEnvNumber(environment, "OTEL_METRIC_EXPORT_TIMEOUT", defaultLimitMs);
  return new PeriodicExportingMetricReader({
    exporter: new PatientExporter(connect(environment), contract.logEvents, log),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(limitMs, intervalMs),
  });
}

function connect(environment: Environment): OTLPMetricExporter {
  const isTimeoutSet = ["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT"].some(
    (name) => readEnvText(environment, name) !== undefined,
  );
  try {
    return new OTLPMetricExporter({
      ...(isTimeoutSet ? {} : { timeoutMillis: timeoutMs }),
      // gRPC shares connections with equal options; the spans have theirs to themselves.
      userAgent: "metrics",
    });
  } catch (error) {
    throw new TracingError("otlp_exporter_invalid", { cause: error });
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

/** What a contract needs for its service to be measured by this folder: it says what went wrong. */
type MetricsContract = Contract & {
  readonly logEvents: Pick<
    typeof logEvents,
    "contractViolated" | "metricsRefused" | "metricsNotSent"
  >;
};
