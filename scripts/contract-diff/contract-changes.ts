import type { ContractData } from "#contract";
import {
  type Change,
  changedProperties,
  compareRecords,
  type PropertyChange,
  type PropertyRule,
} from "./change.ts";

type AttributeData = ContractData["attributes"][string];
type SpanData = ContractData["spans"][string];
type LogEventData = ContractData["logEvents"][string];
type MetricData = NonNullable<ContractData["metrics"]>[string];
type OutcomeData = NonNullable<ContractData["outcomes"]>["byName"][string];
type InvariantData = ContractData["invariants"][number];

/** Everything about a contract that is not as it was, part by part. */
export function contractChanges(before: ContractData, now: ContractData): Change[] {
  const attributeNamed = (kind: string) => ({
    kind,
    getName: ({ key }: AttributeData) => key,
    listChanges: attributeChanges,
  });
  return [
    ...sourceChanges(before, now),
    ...compareRecords(
      before.resource.attributes,
      now.resource.attributes,
      attributeNamed("resource attribute"),
    ),
    ...compareRecords(before.attributes, now.attributes, attributeNamed("attribute")),
    ...compareRecords(getInstance(before), getInstance(now), attributeNamed("resource attribute")),
    ...compareRecords(before.metrics, now.metrics, {
      kind: "metric",
      getName: ({ name }) => name,
      listChanges: (was, is) => changedProperties(was, is, metricRules),
    }),
    ...compareRecords(before.spans, now.spans, {
      kind: "span",
      getName: ({ name }) => name,
      listChanges: (was, is) => spanChanges(was, is, before, now),
    }),
    ...compareRecords(before.outcomes?.byName, now.outcomes?.byName, {
      kind: "outcome",
      getName: ({ brief }) => brief,
      listChanges: (was, is) => changedProperties(was, is, outcomeRules),
    }).map((change) => ({ ...change, namesBefore: [], namesNow: [] })),
    ...compareRecords(byRule(before.invariants), byRule(now.invariants), {
      kind: "invariant",
      getName: ({ rule }) => rule,
      listChanges: (was, is) => changedProperties(was, is, invariantRules),
    }),
    ...compareRecords(before.logFields, now.logFields, attributeNamed("log field")),
    ...compareRecords(before.logEvents, now.logEvents, {
      kind: "log line",
      getName: ({ name }) => name,
      listChanges: (was, is) => changedProperties(was, is, logEventRules),
    }),
  ];
}

function getInstance({ resource: { instance } }: ContractData): Record<string, AttributeData> {
  return instance === undefined ? {} : { instance };
}

/** What is the same on every span: the tracer, and the name of the service. */
function sourceChanges(before: ContractData, now: ContractData): Change[] {
  const getService = ({ resource }: ContractData) => resource.defaults[resource.serviceName] ?? "";
  const getDefaults = ({ resource }: ContractData) =>
    Object.entries(resource.defaults)
      .filter(([identifier]) => identifier !== resource.serviceName)
      .map(([identifier, value]) => `${identifier} ${value}`);
  return changedProperties(before, now, [
    { property: "service", read: getService, breaks: true },
    { property: "tracer", read: ({ tracerName }) => tracerName, breaks: true },
    { property: "way to tell of failures", read: ({ failures }) => failures, breaks: false },
    {
      property: "list of what is not declared",
      read: ({ undeclared }) => undeclared,
      breaks: false,
    },
    { property: "list of defaults of the resource", read: getDefaults, breaks: false },
  ]).map((change) => ({
    subject: "contract",
    ...change,
    namesBefore: [getService(before), before.tracerName],
    namesNow: [getService(now), now.tracerName],
  }));
}

function attributeChanges(before: AttributeData, now: AttributeData): PropertyChange[] {
  return changedProperties(before, now, [
    { property: "name", read: ({ key }) => key, breaks: true },
    { property: "type", read: ({ type }) => type, breaks: true },
    { property: "unit", read: ({ unit }) => unit, breaks: true },
    {
      property: "list of values",
      read: ({ values }) => values,
      breaks: ({ values: was }, { values: is }) => losesAny(was, is),
    },
    // A label of the span metrics goes when the attribute becomes unique.
    {
      property: "uniqueness",
      read: ({ unique }) => unique,
      breaks: (_, { unique }) => unique,
    },
    { property: "least value", read: ({ min }) => min, breaks: false },
    { property: "largest value", read: ({ max }) => max, breaks: false },
    { property: "pattern", read: ({ pattern }) => pattern, breaks: false },
    { property: "brief", read: ({ brief }) => brief, breaks: false },
    { property: "list of examples", read: ({ examples }) => examples, breaks: false },
    { property: "semantic convention", read: ({ semconv }) => semconv, breaks: false },
    { property: "being an extension", read: ({ extension }) => extension, breaks: false },
    ...lifecycleRules,
  ]);
}

/** What is announced about a name breaks nothing: taking it away does. */
const lifecycleRules: readonly PropertyRule<
  Pick<AttributeData, "stability" | "deprecated" | "renamedFrom">
>[] = [
  { property: "stability", read: ({ stability }) => stability, breaks: false },
  { property: "deprecation", read: ({ deprecated }) => deprecated, breaks: false },
  { property: "list of earlier names", read: ({ renamedFrom }) => renamedFrom, breaks: false },
];

function losesAny(before: readonly unknown[] = [], now: readonly unknown[] | undefined): boolean {
  return now !== undefined && before.some((value) => !now.includes(value));
}

function spanChanges(
  before: SpanData,
  now: SpanData,
  contractBefore: ContractData,
  contractNow: ContractData,
): PropertyChange[] {
  const parentName = ({ parent }: SpanData, { spans }: ContractData) =>
    parent === null ? "none" : spans[parent]?.name;
  const [was, is] = [parentName(before, contractBefore), parentName(now, contractNow)];
  return [
    ...changedProperties(before, now, spanRules),
    ...(before.parent === now.parent || was === is
      ? []
      : [{ what: `its parent was ${was} and is ${is}`, breaking: true }]),
  ];
}

/** A reader may rely on what is always there; it cannot on what is there sometimes. */
const spanRules: readonly PropertyRule<SpanData>[] = [
  { property: "name", read: ({ name }) => name, breaks: true },
  { property: "kind", read: ({ kind }) => kind, breaks: true },
  { property: "tracer", read: ({ tracer }) => tracer, breaks: true },
  {
    property: "list of further parents",
    read: ({ alsoUnder }) => alsoUnder,
    breaks: (was, is) => losesAny(was.alsoUnder, is.alsoUnder ?? []),
  },
  { property: "freedom to outlive its parent", read: ({ detached }) => detached, breaks: false },
  {
    property: "presence",
    read: ({ presence }) => presence,
    breaks: (_, { presence }) => presence !== "always",
  },
  {
    property: "kind of request",
    read: ({ onlyFor }) => onlyFor,
    breaks: (was, is) =>
      is.onlyFor !== undefined &&
      (was.onlyFor === undefined || losesAny(was.onlyFor.isOneOf, is.onlyFor.isOneOf)),
  },
  {
    property: "list of what is always there",
    read: ({ atStart, atEnd }) => [...atStart, ...atEnd].toSorted(),
    breaks: (before, now) =>
      losesAny([...before.atStart, ...before.atEnd], [...now.atStart, ...now.atEnd]),
  },
  {
    property: "list of what is there on success",
    read: ({ onSuccess }) => onSuccess.toSorted(),
    breaks: (before, now) =>
      losesAny(before.onSuccess, [...now.onSuccess, ...now.atStart, ...now.atEnd]),
  },
  {
    property: "list of what is there sometimes",
    read: ({ optional }) => optional.toSorted(),
    breaks: (before, now) =>
      losesAny(before.optional, [...now.optional, ...now.onSuccess, ...now.atStart, ...now.atEnd]),
  },
  { property: "word when interrupted", read: (span) => span.whenInterrupted, breaks: true },
  { property: "word when failed", read: (span) => span.whenFailed, breaks: true },
  { property: "place among its siblings", read: ({ order }) => order, breaks: false },
  { property: "brief", read: ({ brief }) => brief, breaks: false },
  ...lifecycleRules,
];

/** A panel asks a metric by its name, which has the unit in it in Prometheus, and splits it by labels. */
const metricRules: readonly PropertyRule<MetricData>[] = [
  { property: "name", read: ({ name }) => name, breaks: true },
  { property: "instrument", read: ({ instrument }) => instrument, breaks: true },
  { property: "unit", read: ({ unit }) => unit, breaks: true },
  {
    property: "list of labels",
    read: ({ attributes }) => attributes.toSorted(),
    breaks: ({ attributes: was }, { attributes: is }) => losesAny(was, is),
  },
  { property: "list of buckets", read: ({ buckets }) => buckets, breaks: true },
  { property: "alert", read: ({ alert }) => alert, breaks: false },
  { property: "brief", read: ({ brief }) => brief, breaks: false },
  { property: "advice", read: ({ advice }) => advice, breaks: false },
  { property: "semantic convention", read: ({ semconv }) => semconv, breaks: false },
  ...lifecycleRules,
];

const outcomeRules: readonly PropertyRule<OutcomeData>[] = [
  { property: "tree", read: ({ tree }) => tree, breaks: true },
  { property: "status", read: ({ rootStatus }) => rootStatus, breaks: true },
  {
    property: "list of needs",
    read: ({ needs = [] }) => needs.toSorted(),
    breaks: ({ needs: was }, { needs: is = [] }) => losesAny(was, is),
  },
  { property: "ranges", read: ({ ranges }) => ranges, breaks: false },
  { property: "number of log lines", read: ({ logLines }) => logLines, breaks: false },
  { property: "brief", read: ({ brief }) => brief, breaks: false },
];

const invariantRules: readonly PropertyRule<InvariantData>[] = [
  {
    property: "relation",
    read: ({ left, relation, right, unless }) =>
      `${left.join(" + ")} ${relation} ${right.join(" + ")}${unless ? ` unless ${unless}` : ""}`,
    breaks: true,
  },
  { property: "brief", read: ({ brief }) => brief, breaks: false },
];

const logEventRules: readonly PropertyRule<LogEventData>[] = [
  { property: "name", read: ({ name }) => name, breaks: true },
  {
    property: "list of fields",
    read: ({ fields }) => fields.toSorted(),
    breaks: ({ fields: was }, { fields: is }) => losesAny(was, is),
  },
  {
    property: "list of fields that are there sometimes",
    read: ({ optionalFields }) => optionalFields.toSorted(),
    breaks: (before, now) =>
      losesAny(before.optionalFields, [...now.optionalFields, ...now.fields]),
  },
  { property: "level", read: ({ level }) => level, breaks: false },
  { property: "span", read: ({ span }) => span, breaks: false },
  { property: "brief", read: ({ brief }) => brief, breaks: false },
];

function byRule(invariants: readonly InvariantData[] = []): Record<string, InvariantData> {
  return Object.fromEntries(invariants.map((invariant) => [invariant.rule, invariant]));
}
