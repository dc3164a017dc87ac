import {
  type Attribute,
  type Contract,
  collectorMetrics,
  exceptionEvent,
  getServiceName,
  isUndeclared,
  listRenames,
  type MetricDefinition,
  prometheusLabel,
  prometheusName,
  type Rename,
  tempoMetrics,
} from "#contract";
import type { KnownMetric, KnownNames, Renames, Scope } from "./known-names.ts";
import { alwaysKnownMetrics } from "./usual-metrics.ts";

/** What a contract declares: nothing else exists, as far as it goes. */
export function contractNames(contract: Contract): KnownNames {
  const span = Object.values(contract.attributes);
  const { instance, attributes } = contract.resource;
  const resource = [...Object.values(attributes), ...(instance === undefined ? [] : [instance])];
  const event = Object.values(exceptionEvent).flatMap((part) =>
    typeof part === "object" ? [part.key] : [],
  );
  return {
    source: `the contract of ${getServiceName(contract)}`,
    traces: {
      attributes: new Map<Scope, ReadonlySet<string>>([
        ["span", new Set(span.map(({ key }) => key))],
        ["resource", new Set(resource.map(({ key }) => key))],
        ["event", new Set(event)],
      ]),
      mayHave: (name) => isUndeclared(contract, name),
      spanNames: new Set(Object.values(contract.spans).map(({ name }) => name)),
      values: new Map([...closedLists("span", span), ...closedLists("resource", resource)]),
    },
    ...(Object.keys(contract.metrics ?? {}).length === 0
      ? {}
      : { metrics: { byName: metricsOf(contract), hasTargetLabels: false } }),
    renames: renamesOf(contract),
  };
}

function closedLists(scope: Scope, attributes: readonly Attribute[]): [string, string[]][] {
  return attributes.flatMap(({ key, values }): [string, string[]][] =>
    values === undefined ? [] : [[`${scope}.${key}`, values.map(String)]],
  );
}

function metricsOf(contract: Contract): ReadonlyMap<string, KnownMetric> {
  const declared = Object.values(contract.metrics ?? {}).flatMap((metric) => {
    const attributes = Object.values(metric.attributes);
    const known: KnownMetric = {
      labels: new Set(attributes.map(({ key }) => prometheusLabel(key))),
      values: new Map(
        attributes.flatMap(({ key, values }): [string, string[]][] =>
          values === undefined ? [] : [[prometheusLabel(key), values.map(String)]],
        ),
      ),
    };
    return withSuffixes(prometheusName(metric), metric.instrument).map(
      (name): [string, KnownMetric] => [name, known],
    );
  });
  // What the parts of the pipeline say of themselves has labels of which nobody here has a list.
  const ofPipeline = [...collectorMetrics, ...tempoMetrics].flatMap(({ name, instrument }) =>
    withSuffixes(name, instrument).map((one): [string, KnownMetric] => [one, openMetric]),
  );
  return new Map([
    ...alwaysKnownMetrics.map((name): [string, KnownMetric] => [name, openMetric]),
    ...ofPipeline,
    ...declared,
  ]);
}

/** What an earlier name is in each place where queries have it. */
function renamesOf(contract: Contract): Renames {
  const renames = listRenames(contract);
  const of = (wanted: Rename["kind"], write = (name: string) => name) =>
    renames
      .filter(({ kind }) => kind === wanted)
      .map(({ before, now }): [string, string] => [write(before), now]);
  const metrics = Object.values(contract.metrics ?? {});
  return {
    attributes: new Map([
      ...of("attribute", (name) => `span.${name}`),
      ...of("resource attribute", (name) => `resource.${name}`),
    ]),
    spanNames: new Map(of("span")),
    metrics: new Map(
      of("metric").flatMap(([before, now]) => {
        const metric = metrics.find(({ name }) => name === now);
        return metric === undefined ? [] : renamedSeries(metric, before);
      }),
    ),
    labels: new Map(
      [...of("attribute"), ...of("resource attribute")].map(([before, now]) => [
        prometheusLabel(before),
        prometheusLabel(now),
      ]),
    ),
  };
}

function renamedSeries(metric: MetricDefinition, before: string): [string, string][] {
  const now = withSuffixes(prometheusName(metric), metric.instrument);
  const earlier = prometheusName({
    name: before,
    unit: metric.unit,
    instrument: metric.instrument,
  });
  return withSuffixes(earlier, metric.instrument).map((name, index) => [name, now[index] ?? name]);
}

const openMetric: KnownMetric = { labels: "any", values: new Map() };

function withSuffixes(name: string, instrument: string): string[] {
  return instrument === "histogram"
    ? [name, ...["_bucket", "_sum", "_count"].map((suffix) => name + suffix)]
    : [name];
}
