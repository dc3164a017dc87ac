/** For tests: the forms that answers have, each with a query that gives it. */
import { miniserve } from "#miniserve";

export interface RecordedTarget {
  readonly refId: "A";
  readonly queryType: "traceql";
  readonly tableType: "spans";
  readonly query: string;
  readonly filters: readonly [];
  readonly limit?: number;
  readonly spss?: number;
  readonly metricsQueryType?: "range" | "instant";
  readonly step?: string;
}

const { attributes } = miniserve;
const model = `span.${attributes.model.key}`;
const statusCode = `span.${attributes.statusCode.key}`;
const streamed = `span.${attributes.streamed.key}`;
const meanStepMs = `span.${attributes.meanStepMs.key}`;
const stopReason = `span.${attributes.stopReason.key}`;
const nothing = 'name = "nothing"';

/** A filter, empty for all spans, and what is made of the spans. */
type ShapeQuery = readonly [filter: string, pipeline: string];

const metrics: Readonly<Record<string, ShapeQuery>> = {
  "no label": ["", "| rate()"],
  "one label": ["", "| count_over_time() by (name)"],
  "one label that some spans lack": ["", `| count_over_time() by (${stopReason})`],
  "a label of integers": ["", `| count_over_time() by (${statusCode})`],
  "a label of booleans": ["", `| count_over_time() by (${streamed})`],
  "two labels": ["", `| rate() by (name, ${model})`],
  quantiles: ["", "| quantile_over_time(duration, 0.5, 0.95)"],
  "quantiles by a label": ["", "| quantile_over_time(duration, 0.5, 0.95) by (name)"],
  "an average that steps lack": ["", `| avg_over_time(${meanStepMs})`],
  buckets: ["", "| histogram_over_time(duration)"],
  "nothing found": [nothing, "| count_over_time() by (name)"],
};

const searches: Readonly<Record<string, ShapeQuery>> = {
  spans: ["", `| select(${model}, ${statusCode}, ${streamed}, ${meanStepMs}, ${stopReason}, kind)`],
  "spans of which nothing is selected": [`name = "${miniserve.spans.decode.name}"`, ""],
  "no spans": [nothing, ""],
};

/** What is asked of a service's spans, by the name of its form. */
export function recordedTargets(service: string): ReadonlyMap<string, RecordedTarget> {
  const { serviceName } = miniserve.resource.attributes;
  const isOfService = `resource.${serviceName.key} = "${service}"`;
  const target = ([filter, pipeline]: ShapeQuery) => ({
    refId: "A" as const,
    queryType: "traceql" as const,
    tableType: "spans" as const,
    query:
      `{ ${[isOfService, filter].filter((part) => part !== "").join(" && ")} } ${pipeline}`.trim(),
    filters: [] as const,
  });
  const targets = new Map<string, RecordedTarget>();
  for (const [form, asked] of Object.entries(metrics)) {
    targets.set(`range, ${form}`, { ...target(asked), metricsQueryType: "range", step: "60s" });
    // The single values of a histogram are no answer that Tempo gives.
    if (form !== "buckets") {
      targets.set(`instant, ${form}`, { ...target(asked), metricsQueryType: "instant" });
    }
  }
  for (const [form, asked] of Object.entries(searches)) {
    targets.set(`search, ${form}`, { ...target(asked), limit: 20, spss: 10 });
  }
  return targets;
}
