import type { StatusCode } from "../otlp/span.ts";
import type { Attribute, AttributeRecord } from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";
import { renamesOf } from "./lifecycle.ts";
import type { LogEventRecord } from "./log-event.ts";
import type { MetricRecord } from "./metric.ts";
import type { ResourceDefinition } from "./resource.ts";
import type { SavedQuery } from "./saved-query.ts";
import {
  type IdentifierOf,
  isForRequest,
  repeated,
  type SpanDefinition,
  type SpanRecord,
} from "./span.ts";

/**
 * The part of the span tree that a request with this outcome has:
 * `whole`: every stage, each with its attributes on success;
 * `rejected`: the stages before the rejection, each complete;
 * `failed`: the stages up to the one that threw, which has the error;
 * `interrupted`: the stages up to the interrupted one, which may be incomplete.
 */
export type TreeShape = "complete" | "rejected" | "failed" | "interrupted";

export interface Outcome {
  readonly brief: string;
  readonly tree: TreeShape;
  readonly rootStatus: Exclude<StatusCode, "ok">;
  /** Identifiers of the root's optional attributes that this outcome requires. */
  readonly needs?: readonly string[];
  /** Identifiers of the root's integers → their smallest and largest value for this outcome. */
  readonly ranges?: Readonly<Record<string, readonly [min: number, max: number]>>;
  /** How many log lines such a request writes, if known. */
  readonly logLines?: { readonly min: number; readonly max: number };
}

/** An attribute of a span, both by identifier: `decode.tokensOut`. */
export type AttributePath<Spans> = {
  [Span in keyof Spans & string]: `${Span}.${IdentifierOf<Spans[Span]>}`;
}[keyof Spans & string];

/** A relation between sums of integer attributes in one request. */
export interface Invariant<Path extends string = string> {
  /** A short name, used as the rule's name in violations. */
  readonly rule: string;
  readonly brief: string;
  readonly left: readonly [Path, ...Path[]];
  readonly relation: "equals" | "at-least";
  readonly right: readonly [Path, ...Path[]];
  /** The identifier of a span. In requests with it the relation need not hold. */
  readonly unless?: string;
}

/** A wait that no span covers: it is shown between the spans. */
export interface Wait<Attribute extends string = string, Span extends string = string> {
  /** What is waited for: `waiting for a slot`. */
  readonly name: string;
  /** The identifier of the root's integer with the length of the wait. Its unit is a time. */
  readonly attribute: Attribute;
  /** The identifier of the root's child whose start ends the wait. */
  readonly before: Span;
  /** Shorter waits are not shown, in the attribute's unit. */
  readonly from: number;
}

export interface Contract<
  Attributes extends AttributeRecord = AttributeRecord,
  Spans extends SpanRecord = SpanRecord,
  LogEvents extends LogEventRecord = LogEventRecord,
  Resource extends ResourceDefinition = ResourceDefinition,
  Metrics extends MetricRecord = MetricRecord,
> {
  /** The instrumentation scope's name. */
  readonly tracerName: string;
  readonly resource: Resource;
  readonly attributes: Attributes;
  readonly spans: Spans;
  readonly logEvents: LogEvents;
  /** The service's metrics. */
  readonly metrics?: Metrics;
  readonly invariants: readonly Invariant[];
  /**
   * How spans tell of failures. `by-rule`, if left out: as this project's tracer does it. The path to the
   * span that threw has errors, the exception stands there once, and all texts are codes. `freely`: as
   * libraries of OpenTelemetry do it. Any span may have any status, events and texts, and is judged by
   * its own status: without an error it has all that it has on success, and all its stages.
   */
  readonly failures?: "by-rule" | "freely";
  /**
   * Wire names of attributes that libraries set and the contract does not declare: content, lists, names
   * of another form. `*` stands for any characters. They are not judged.
   */
  readonly undeclared?: readonly string[];
  /** Identifiers of attributes that a person looks for first, in this order. */
  readonly highlights?: readonly string[];
  /** Times in which a request waits without a span of its own. */
  readonly waits?: readonly Wait[];
  /** Without outcomes, a request is `failed` if its root has an error, otherwise `whole`. */
  readonly outcomes?: {
    /** The identifier of the root's attribute with the outcome. */
    readonly attribute: string;
    readonly byName: Readonly<Record<string, Outcome>>;
  };
  /**
   * This contract's own saved queries, in addition to those that any contract has: a `SavedQueryGroup` of
   * this contract, which describes each in identifiers only.
   */
  savedQueries?(save: (id: string, description: never) => SavedQuery): readonly SavedQuery[];
}

interface ContractDescription<
  Attributes extends AttributeRecord,
  Spans extends SpanRecord,
  LogEvents extends LogEventRecord,
  Resource extends ResourceDefinition,
  Metrics extends MetricRecord,
> extends Contract<Attributes, Spans, LogEvents, Resource, Metrics> {
  readonly outcomes?: Contract["outcomes"] & { readonly attribute: keyof Attributes };
  readonly highlights?: readonly (keyof Attributes & string)[];
  readonly waits?: readonly Wait<keyof Attributes & string, keyof Spans & string>[];
  readonly invariants: readonly (Invariant<AttributePath<Spans>> & {
    readonly unless?: keyof Spans & string;
  })[];
}

/**
 * Combines the parts of a contract.
 * @throws DefinitionError with every contradiction between them: outcomes that are not values of their
 *   attribute, require what the root does not have, or are impossible in a trace; log lines in unknown
 *   spans; invariants over attributes that are not integers or do not occur exactly once.
 */
export function defineContract<
  Attributes extends AttributeRecord,
  Spans extends SpanRecord,
  LogEvents extends LogEventRecord,
  Resource extends ResourceDefinition,
  const Metrics extends MetricRecord = MetricRecord,
>(
  contract: ContractDescription<Attributes, Spans, LogEvents, Resource, Metrics>,
): Contract<Attributes, Spans, LogEvents, Resource, Metrics> {
  DefinitionError.throwIfAny("parts", [
    ...outcomeFaults(contract),
    ...logEventFaults(contract),
    ...metricFaults(contract),
    ...invariantFaults(contract),
    ...waitFaults(contract),
  ]);
  return contract;
}

function outcomeFaults(contract: Contract): string[] {
  const { outcomes } = contract;
  if (outcomes === undefined) {
    return [];
  }
  return listRootSpans(contract).flatMap((root) => outcomeFaultsOfRoot(outcomes, root));
}

function outcomeFaultsOfRoot(
  outcomes: NonNullable<Contract["outcomes"]>,
  root: SpanDefinition,
): string[] {
  const declared = Object.keys(outcomes.byName).sort().join(", ");
  const values = [...(root.attributes[outcomes.attribute]?.values ?? [])].sort().join(", ");
  const isAlwaysThere = [...root.atStart, ...root.atEnd].includes(outcomes.attribute);
  return [
    ...(isAlwaysThere
      ? []
      : [`${root.identifier} must have ${outcomes.attribute} at its start or its end`]),
    ...(declared === values
      ? []
      : [`the outcomes are ${declared}, but ${outcomes.attribute} takes ${values || "none"}`]),
    ...Object.entries(outcomes.byName).flatMap(([name, outcome]) =>
      listOutcomeFaults(name, outcome, root),
    ),
  ];
}

function listOutcomeFaults(name: string, outcome: Outcome, root: SpanDefinition): string[] {
  const needs = outcome.needs ?? [];
  const ranges = Object.keys(outcome.ranges ?? {});
  return [
    ...needs
      .filter((identifier) => !Object.hasOwn(root.attributes, identifier))
      .map((identifier) => `${name}: ${root.identifier} has no attribute ${identifier}`),
    ...ranges
      .filter((identifier) => root.attributes[identifier]?.type !== "int")
      .map((identifier) => `${name}: ${root.identifier} has no integer ${identifier}`),
    ...(outcome.tree === "failed" && outcome.rootStatus !== "error"
      ? [`${name}: a request that failed has the root status error`]
      : []),
  ];
}

function logEventFaults(contract: Contract): string[] {
  return Object.values(contract.logEvents)
    .filter((event) => event.span !== null && !Object.hasOwn(contract.spans, event.span))
    .map((event) => `${event.identifier}: there is no span ${event.span}`);
}

function metricFaults({ metrics = {}, resource }: Contract): string[] {
  return Object.keys(metrics).length > 0 && resource.instance === undefined
    ? ["it has metrics, and its resource nothing that tells one process from another"]
    : [];
}

function invariantFaults(contract: Contract): string[] {
  const names = contract.invariants.map(({ rule }) => rule);
  return [
    ...repeated(names).map((rule) => `${rule}: another invariant is called so too`),
    ...contract.invariants.flatMap((invariant) => listInvariantFaults(contract, invariant)),
  ];
}

function listInvariantFaults(
  contract: Contract,
  { rule, left, right, unless }: Invariant,
): string[] {
  const faults = [...left, ...right].flatMap((path) => {
    const { span, attribute } = splitPath(path);
    const type = contract.spans[span]?.attributes[attribute]?.type;
    if (type !== "int") {
      return [`${rule}: ${path} is ${type ?? "nothing"}, not an int`];
    }
    return isOnce(contract, span)
      ? []
      : [`${rule}: ${span} is sampled, so there may be any number of ${path}`];
  });
  return unless === undefined || Object.hasOwn(contract.spans, unless)
    ? faults
    : [...faults, `${rule}: there is no span ${unless}`];
}

const timeUnits = ["ns", "us", "ms", "s"];

function waitFaults(contract: Contract): string[] {
  const root = getRootSpan(contract);
  return (contract.waits ?? []).flatMap(({ name, attribute, before }) => {
    const { type, unit = "" } = root.attributes[attribute] ?? {};
    return [
      ...(type === "int" && timeUnits.includes(unit)
        ? []
        : [`${name}: ${root.identifier} has no integer ${attribute} in ${timeUnits.join(", ")}`]),
      ...(contract.spans[before]?.parent === root.identifier
        ? []
        : [`${name}: ${before} is no child of ${root.identifier}`]),
    ];
  });
}

/** Whether a request has at most one such span: neither it nor a span above it is sampled. */
function isOnce(contract: Contract, identifier: string): boolean {
  const definition = contract.spans[identifier];
  return (
    definition === undefined ||
    (definition.presence !== "sampled" && isOnce(contract, definition.parent ?? ""))
  );
}

/** Returns the two identifiers of an attribute path. */
export function splitPath(path: string): { span: string; attribute: string } {
  const [span = "", attribute = ""] = path.split(".");
  return { span, attribute };
}

/** Returns the span of the whole request: of the main kind, where there are several. */
export function getRootSpan(contract: Contract): SpanDefinition {
  const [root] = listRootSpans(contract);
  if (root === undefined) {
    throw new DefinitionError("span tree", ["there is no root"]);
  }
  return root;
}

/** Returns the roots, one for each kind of request, the main one first. */
export function listRootSpans(contract: Contract): SpanDefinition[] {
  return Object.values(contract.spans).filter(({ parent }) => parent === null);
}

/** So many attributes of a root are looked at first where a contract does not say which. */
const mostHighlights = 5;

/**
 * Returns the identifiers of a span's attributes that a person looks for first: those that the contract
 * names, otherwise how it ended, then what the span found out, without ids.
 */
export function listHighlights(contract: Contract, span: SpanDefinition): string[] {
  const { highlights, outcomes } = contract;
  const named = highlights ?? [
    ...(outcomes === undefined ? [] : [outcomes.attribute]),
    ...span.onSuccess,
    ...span.atEnd,
    ...span.atStart,
  ];
  const known = named.filter((identifier) => {
    const attribute = span.attributes[identifier];
    return attribute !== undefined && (highlights !== undefined || !attribute.unique);
  });
  return highlights === undefined ? [...new Set(known)].slice(0, mostHighlights) : known;
}

/** Whether the main kind of request has a span: the first of its attribute's values says which it is. */
export function isOfMainKind({ attributes }: Contract, span: SpanDefinition): boolean {
  return isForRequest(span, (identifier) => attributes[identifier]?.values?.[0]);
}

/** Returns the children of a span, in execution order. */
export function listChildren(contract: Contract, parent: SpanDefinition): SpanDefinition[] {
  return Object.values(contract.spans).filter((definition) => isChild(definition, parent));
}

/** Whether a span stands under another, perhaps among others. */
export function isChild(
  { parent, alsoUnder = [] }: SpanDefinition,
  other: SpanDefinition,
): boolean {
  return parent === other.identifier || alsoUnder.includes(other.identifier);
}

/** Returns the attribute that has the name of the service: `service.name`. */
export function getServiceKey({ resource }: Contract): string {
  return resource.attributes[resource.serviceName]?.key ?? "";
}

/** Returns the name of the contract's service. */
export function getServiceName(contract: Contract): string {
  return contract.resource.defaults[contract.resource.serviceName] ?? "";
}

/** A name on the wire that was another one, and where queries ask for it. */
export interface Rename {
  readonly kind: "attribute" | "resource attribute" | "span" | "metric";
  readonly before: string;
  readonly now: string;
}

/** Returns every name that the contract had, with the one that stands for it now. */
export function listRenames(contract: Contract): Rename[] {
  const { attributes, resource, spans, metrics = {} } = contract;
  const instance = resource.instance === undefined ? [] : [resource.instance];
  const named = (list: readonly Attribute[]) =>
    list.map((attribute) => ({ ...attribute, name: attribute.key }));
  const declared = {
    attribute: named(Object.values(attributes)),
    "resource attribute": named([...Object.values(resource.attributes), ...instance]),
    span: Object.values(spans),
    metric: Object.values(metrics),
  } as const;
  return (["attribute", "resource attribute", "span", "metric"] as const).flatMap((kind) =>
    [...renamesOf(declared[kind])].map(([before, now]) => ({ kind, before, now })),
  );
}
