import { type AttributeSource, contentFault, identifierOf, type MetricSource } from "#contract";
import type { MetricFacts } from "../registry/facts.ts";
import { type AttributeSources, defined, lifecycleOf } from "./attribute-sources.ts";
import type { Losses } from "./losses.ts";
import type { RegistrySignal } from "./registry.ts";

/** What a registry says of no histogram: OpenTelemetry's bounds for seconds, and for anything else. */
const defaultBuckets = {
  s: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  other: [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000],
} as const;

interface MetricOptions {
  readonly attributes: AttributeSources;
  readonly losses: Losses;
}

/** The metrics of a registry that a contract can declare, by identifier. */
export function metricSources(
  signals: readonly RegistrySignal[],
  { attributes, losses }: MetricOptions,
): Record<string, MetricSource> {
  const metrics = signals.filter(({ kind, name }) => kind === "metric" && canHave(name, losses));
  const names = new Set(metrics.map(({ name }) => name));
  const isFormer = ({ facts, deprecated }: RegistrySignal) =>
    facts === undefined && names.has(deprecated?.renamedTo ?? "");
  const taken = new Set<string>();
  const now = metrics.filter((metric) => !isFormer(metric));
  return Object.fromEntries(
    now.map((metric): [string, MetricSource] => {
      const facts = metric.facts as MetricFacts | undefined;
      const own = facts?.identifier;
      const identifier =
        own === undefined || taken.has(own) ? identifierOf(metric.name, taken) : own;
      taken.add(identifier);
      const earlier = metrics
        .filter((other) => isFormer(other) && other.deprecated?.renamedTo === metric.name)
        .map(({ name }) => name);
      return [
        identifier,
        {
          ...metricSource(metric, facts, attributes, losses),
          ...lifecycleOf(metric, [...names], losses),
          ...(earlier.length === 0 ? {} : { renamedFrom: earlier }),
        },
      ];
    }),
  );
}

function canHave(name: string, losses: Losses): boolean {
  if (contentFault(name) !== undefined) {
    losses.add(
      "Metrics are left out, for prompt, completion, messages and text in a name stand for content",
      name,
    );
    return false;
  }
  if (!/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/.test(name)) {
    losses.add(
      "Metrics are left out, for their names are not lower_case words with dots between them",
      name,
    );
    return false;
  }
  return true;
}

function metricSource(
  metric: RegistrySignal,
  facts: MetricFacts | undefined,
  attributes: AttributeSources,
  losses: Losses,
): MetricSource {
  const { name, brief, note, unit } = metric;
  const instrument = facts?.instrument ?? instrumentOf(metric, losses);
  const labels = labelsOf(metric, instrument, attributes, losses);
  const semconv = facts?.semconv?.key;
  return {
    name,
    instrument,
    brief: brief || `The registry does not say what ${name} is.`,
    advice: note || "Say here what a high value means, and what to do about it.",
    unit: unitOf(name, unit, losses),
    ...(instrument === "histogram" ? { buckets: bucketsOf(metric, facts, losses) } : {}),
    ...(labels.length === 0 ? {} : { attributes: labels }),
    ...defined({ semconv, alert: facts?.alert }),
  };
}

function instrumentOf({ name, instrument }: RegistrySignal, losses: Losses) {
  if (instrument === "histogram" || instrument === "counter" || instrument === "gauge") {
    return instrument;
  }
  losses.add(`Metrics are taken as gauges, for a contract has no ${instrument || "other"}`, name);
  return "gauge";
}

function unitOf(name: string, unit: string, losses: Losses): string {
  if (/^(s|By|1|\{[a-z_]+\})$/.test(unit)) {
    return unit;
  }
  losses.add(
    "Units of metrics are taken as 1, for a contract has s, By, 1 and {things}",
    `${name} (${unit || "none"})`,
  );
  return "1";
}

function bucketsOf(
  { name, unit }: RegistrySignal,
  facts: MetricFacts | undefined,
  losses: Losses,
): readonly number[] {
  if (facts?.buckets !== undefined) {
    return facts.buckets;
  }
  losses.add("Histograms get OpenTelemetry's usual buckets, for Weaver has no word for them", name);
  return unit === "s" ? defaultBuckets.s : defaultBuckets.other;
}

/** Each value of a label is a series of its own. */
function labelsOf(
  { name, uses }: RegistrySignal,
  instrument: MetricSource["instrument"],
  attributes: AttributeSources,
  losses: Losses,
): string[] {
  const declared = Object.entries(attributes);
  const isObserved = instrument === "gauge" || instrument === "observable-counter";
  return uses.flatMap(({ key }) => {
    const [identifier, attribute] = declared.find(([, one]) => one.key === key) ?? [];
    if (identifier === undefined || attribute === undefined) {
      return [];
    }
    if (isObserved || !canBeLabel(attribute)) {
      losses.add(
        isObserved
          ? "Labels are left out, for a contract's gauges have none"
          : "Labels are left out, for only closed lists, truth values and texts with a pattern are few enough",
        `${key} of ${name}`,
      );
      return [];
    }
    return [identifier];
  });
}

function canBeLabel({ type, values, pattern, unique }: AttributeSource): boolean {
  return (
    type === "boolean" ||
    values !== undefined ||
    (type === "string" && pattern !== undefined && unique !== true)
  );
}
