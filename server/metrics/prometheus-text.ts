import type { Attributes } from "@opentelemetry/api";
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  MetricReader,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { type MetricDefinition, prometheusLabel, prometheusName } from "#contract";

/** Reads the metrics when Prometheus asks for them. */
export class PrometheusReader extends MetricReader {
  readonly #declared: readonly MetricDefinition[];

  constructor(declared: readonly MetricDefinition[]) {
    super();
    this.#declared = declared;
  }

  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return prometheusText(this.#declared, resourceMetrics satisfies ResourceMetrics);
  }

  protected override async onShutdown(): Promise<void> {}

  protected override async onForceFlush(): Promise<void> {}
}

const types: Readonly<Record<MetricDefinition["instrument"], string>> = {
  histogram: "histogram",
  counter: "counter",
  "observable-counter": "counter",
  gauge: "gauge",
};

/**
 * Metrics in Prometheus's text format, under the names that Prometheus gives them when they come over
 * OTLP. Not by @opentelemetry/exporter-prometheus, which leaves `_seconds` out of the names of our
 * three histograms of time (0.301 does): the same metric would have two names, and panels know one. A
 * metric without a value yet has its type and no line.
 */
function prometheusText(
  declared: readonly MetricDefinition[],
  { resource, scopeMetrics }: ResourceMetrics,
): string {
  const data = scopeMetrics.flatMap(({ metrics }) => metrics);
  const lines = declared.flatMap((metric) => {
    const name = prometheusName(metric);
    const found = data.find(({ descriptor }) => descriptor.name === metric.name);
    return [
      `# HELP ${name} ${escaped(metric.brief, /[\\\n]/g)}`,
      `# TYPE ${name} ${types[metric.instrument]}`,
      ...(found === undefined ? [] : samples(name, found)),
    ];
  });
  const source = sample("target_info", resource.attributes as Attributes, 1);
  return [
    "# HELP target_info Which build of which service this is.",
    "# TYPE target_info gauge",
    source,
    ...lines,
    "",
  ].join("\n");
}

function samples(name: string, data: MetricData): string[] {
  switch (data.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE:
      return data.dataPoints.map(({ attributes, value }) => sample(name, attributes, value));
    case DataPointType.HISTOGRAM:
      return data.dataPoints.flatMap((point) => histogramSamples(name, point));
    default:
      // No declared metric is aggregated otherwise.
      throw new RangeError(`${name} is aggregated in another way than its contract says.`);
  }
}

/** Each bucket holds what is up to its bound, with all that is in the buckets below it. */
function histogramSamples(name: string, { attributes, value }: DataPoint<Histogram>): string[] {
  const { boundaries, counts } = value.buckets;
  let count = 0;
  const buckets = [...boundaries, Number.POSITIVE_INFINITY].map((bound, index) => {
    count += counts[index] ?? 0;
    return sample(`${name}_bucket`, { ...attributes, le: number(bound) }, count);
  });
  return [
    ...buckets,
    sample(`${name}_sum`, attributes, value.sum ?? 0),
    sample(`${name}_count`, attributes, value.count),
  ];
}

function sample(name: string, labels: Attributes, value: number): string {
  const pairs = Object.entries(labels).map(
    ([key, label]) => `${prometheusLabel(key)}="${escaped(String(label), /[\\"\n]/g)}"`,
  );
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${number(value)}`;
}

function number(value: number): string {
  return value === Number.POSITIVE_INFINITY ? "+Inf" : String(value);
}

function escaped(text: string, special: RegExp): string {
  return text.replaceAll(special, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}
