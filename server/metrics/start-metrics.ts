import { randomUUID } from "node:crypto";
import type { Attributes, Counter, Histogram, Meter } from "@opentelemetry/api";
import {
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { type IMetricReader, MeterProvider } from "@opentelemetry/sdk-metrics";
import { type Contract, faultOfValue, type LabelsOf, type MetricDefinition } from "#contract";
import type { Log } from "../logging/index.ts";
import { type Environment, resourceOf } from "../tracing/index.ts";
import { metricSender } from "./metric-sender.ts";
import type { MetricsContract } from "./metrics-contract.ts";
import { PrometheusReader } from "./prometheus-reader.ts";

type Recorded = MetricDefinition<{ instrument: "histogram" | "counter"; labels: object }>;
type Observed = MetricDefinition<{ instrument: "gauge" | "observed-counter"; labels: object }>;

export interface MetricsOptions {
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
  return resourceOf(contract, serviceVersion)
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
      const fault = attribute && faultOfValue(attribute, given[identifier]);
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

function texts({ meaning, unit }: MetricDefinition) {
  return { description: meaning, unit };
}
