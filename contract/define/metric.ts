import { prometheusName } from "../promql/metric-names.ts";
import {
  type Attribute,
  type AttributeRecord,
  contentFault,
  type SemanticConvention,
  type ValuesOf,
  type WithoutContent,
} from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";
import {
  type DefinedLifecycle,
  type Lifecycle,
  lifecycleFaults,
  lifecycleOf,
} from "./lifecycle.ts";
import type { Severity } from "./saved-query.ts";
import { type Listed, type OnlyKeysOf, repeated } from "./span.ts";

/**
 * How a metric is recorded. `histogram`: one value per occurrence. `counter`: added up at each occurrence.
 * `observable-counter` and `gauge`: observed when the metrics are read, as a number that only grows or one
 * that goes up and down.
 */
export type Instrument = "histogram" | "counter" | "observable-counter" | "gauge";

/**
 * When a metric fires an alert: within the window a counter grew by more than the value, a gauge was above
 * or below it all the time, or the 95th percentile of a histogram was above it.
 */
export type MetricAlert = MetricAlertTexts &
  ({ readonly above: number } | { readonly below: number });

interface MetricAlertTexts {
  readonly title: string;
  /** What to do about it. */
  readonly action: string;
  readonly severity: Severity;
  readonly windowMinutes: number;
  readonly forMinutes: number;
}

/** The declaration of a metric. The list has identifiers of attributes. */
export interface MetricDescription<Identifier extends string = string> extends Lifecycle {
  readonly brief: string;
  /** What a high value means and what to do about it, shown on its panel. */
  readonly advice: string;
  /** A UCUM unit: `s`, `By`, `1`, or `{request}` for counts. */
  readonly unit: string;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
  /** Its labels; each must have few values. */
  readonly attributes?: readonly Identifier[];
  /** The same metric in OpenTelemetry's semantic conventions. */
  readonly semconv?: string;
  readonly alert?: MetricAlert;
}

export interface NamedMetric<Identifier extends string = string>
  extends MetricDescription<Identifier> {
  readonly name: string;
  readonly instrument: Instrument;
}

export interface MetricTypes {
  readonly instrument: Instrument;
  readonly labels: object;
}

/** A declared metric. The phantom `types` carries the types of its labels' values. */
export interface MetricDefinition<Types extends MetricTypes = MetricTypes>
  extends DefinedLifecycle {
  readonly identifier: string;
  readonly name: string;
  readonly instrument: Types["instrument"];
  readonly brief: string;
  readonly advice: string;
  readonly unit: string;
  readonly buckets: readonly number[] | undefined;
  /** Its labels by identifier. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly semconv: SemanticConvention | undefined;
  readonly alert: MetricAlert | undefined;
  /** Only for types; undefined at run time. */
  readonly types?: Types;
}

/** The values of a metric's labels, by identifier. */
export type LabelsOf<Definition> =
  Definition extends MetricDefinition<infer Types> ? Types["labels"] : never;

export type MetricRecord = Readonly<Record<string, MetricDefinition>>;

type Described<Description, Of extends Instrument, Key> = Description & {
  readonly name: Key;
  readonly instrument: Of;
};

/** One value per occurrence, such as a duration. */
export function histogram<
  const Key extends string,
  const Description extends MetricDescription & { readonly buckets: readonly number[] },
>(
  name: WithoutContent<Key>,
  description: Description & OnlyKeysOf<MetricDescription, Description>,
) {
  return metric("histogram", name, description) as Described<Description, "histogram", Key>;
}

/** Added up at each occurrence. */
export function counter<const Key extends string, const Description extends MetricDescription>(
  name: WithoutContent<Key>,
  description: Description & OnlyKeysOf<Omit<MetricDescription, "buckets">, Description>,
) {
  return metric("counter", name, description) as Described<Description, "counter", Key>;
}

/** A number that only grows, observed when the metrics are read. It has no labels. */
export function observableCounter<
  const Key extends string,
  const Description extends MetricDescription,
>(
  name: WithoutContent<Key>,
  description: Description &
    OnlyKeysOf<Omit<MetricDescription, "buckets" | "attributes">, Description>,
) {
  return metric("observable-counter", name, description) as Described<
    Description,
    "observable-counter",
    Key
  >;
}

/** A number that goes up and down, observed when the metrics are read. It has no labels. */
export function gauge<const Key extends string, const Description extends MetricDescription>(
  name: WithoutContent<Key>,
  description: Description &
    OnlyKeysOf<Omit<MetricDescription, "buckets" | "attributes">, Description>,
) {
  return metric("gauge", name, description) as Described<Description, "gauge", Key>;
}

function metric(instrument: Instrument, name: string, description: object): object {
  return { name, instrument, ...description };
}

interface TypesOfDescription<Attributes extends AttributeRecord, Description> extends MetricTypes {
  readonly instrument: Description extends { readonly instrument: infer Of extends Instrument }
    ? Of
    : never;
  readonly labels: ValuesOf<Attributes, Listed<Description, "attributes">>;
}

export type Metrics<Attributes extends AttributeRecord, Descriptions> = {
  readonly [Key in keyof Descriptions]: MetricDefinition<
    TypesOfDescription<Attributes, Descriptions[Key]>
  >;
};

/**
 * Declares the metrics of a service, by the identifiers that code uses.
 * @throws DefinitionError with every fault: a name that is a duplicate, not in OpenTelemetry's format or
 *   reserved for content; an attribute that is unknown or has too many values for a label; buckets that
 *   do not rise.
 */
export function defineMetrics<
  Attributes extends AttributeRecord,
  const Descriptions extends Readonly<Record<string, NamedMetric<keyof Attributes & string>>>,
>(attributes: Attributes, descriptions: Descriptions): Metrics<Attributes, Descriptions> {
  const entries = Object.entries(descriptions);
  DefinitionError.throwIfAny("metrics", [
    ...repeated(entries.map(([, { name }]) => name)).map((name) => `${name} is there twice`),
    ...repeated(entries.map(([, metric]) => prometheusName(metric))).map(
      (name) => `${name} would be there twice in Prometheus`,
    ),
    ...entries.flatMap(([identifier, description]) =>
      listFaults(attributes, description).map((fault) => `${identifier}: ${fault}`),
    ),
    ...lifecycleFaults(descriptions),
  ]);
  const metrics = entries.map(([identifier, description]): [string, MetricDefinition] => [
    identifier,
    {
      identifier,
      name: description.name,
      instrument: description.instrument,
      brief: description.brief,
      advice: description.advice,
      unit: description.unit,
      buckets: description.buckets,
      attributes: Object.fromEntries(
        (description.attributes ?? []).map((label) => [label, attributes[label] as Attribute]),
      ),
      semconv: description.semconv === undefined ? undefined : { key: description.semconv },
      alert: description.alert,
      ...lifecycleOf(description),
    },
  ]);
  return Object.fromEntries(metrics) as Metrics<Attributes, Descriptions>;
}

function listFaults(attributes: AttributeRecord, description: NamedMetric): string[] {
  const { name, unit, buckets = [], attributes: labels = [], instrument } = description;
  const content = contentFault(name);
  const isRising = buckets.every((bound, index) => bound > (buckets[index - 1] ?? -Infinity));
  return [
    ...(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/.test(name)
      ? []
      : [`${name} is not lower_case words with dots between them`]),
    ...(content === undefined ? [] : [content]),
    ...(/^(s|By|1|\{[a-z_]+\})$/.test(unit)
      ? []
      : [`the unit ${unit} is not s, By, 1 or {things}`]),
    ...(isRising ? [] : ["the bounds of its buckets do not rise"]),
    ...(instrument === "histogram" && buckets.length === 0 ? ["it has no buckets"] : []),
    ...repeated(labels).map((label) => `lists ${label} twice`),
    ...labels.flatMap((label) => {
      const fault = findLabelFault(
        Object.hasOwn(attributes, label) ? attributes[label] : undefined,
      );
      return fault === undefined ? [] : [`${label} is ${fault}`];
    }),
  ];
}

/** Each value of a label is a series, so a label must not have many values or be chosen by clients. */
function findLabelFault(attribute: Attribute | undefined): string | undefined {
  if (attribute === undefined) {
    return "no attribute";
  }
  if (attribute.type === "boolean" || attribute.values !== undefined) {
    return undefined;
  }
  const isName =
    attribute.type === "string" && attribute.pattern !== undefined && !attribute.unique;
  return isName ? undefined : "no label: it has more values than a closed list or a name of ours";
}
