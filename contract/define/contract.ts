import type { StatusCode } from "../otlp/span.ts";
import type { AttributeRecord } from "./attribute.ts";
import { DefinitionError } from "./definition-error.ts";
import type { LogEventRecord } from "./log-event.ts";
import type { ResourceDefinition } from "./resource.ts";
import type { IdentifierOf, SpanDefinition, SpanRecord } from "./span.ts";

/**
 * How much of the span tree a request with this outcome leaves behind:
 * `whole`: every stage, each with all it has on success;
 * `rejected`: the stages before the rejection, each complete;
 * `failed`: the stages up to the one that threw, which says so;
 * `interrupted`: the stages up to the one in which it was interrupted, which may be incomplete.
 */
export type TreeShape = "whole" | "rejected" | "failed" | "interrupted";

export interface Outcome {
  readonly meaning: string;
  readonly tree: TreeShape;
  readonly rootStatus: Exclude<StatusCode, "ok">;
  /** Identifiers of the root's optional attributes that this outcome needs. */
  readonly needs?: readonly string[];
  /** Identifiers of the root's integers → the smallest and largest value with this outcome. */
  readonly ranges?: Readonly<Record<string, readonly [min: number, max: number]>>;
  /** How many log lines such a request writes, where that is known. */
  readonly logLines?: { readonly min: number; readonly max: number };
}

/** `decode.tokensOut`: an attribute of a span, both by identifier. */
export type AttributePath<Spans> = {
  [Span in keyof Spans & string]: `${Span}.${IdentifierOf<Spans[Span]>}`;
}[keyof Spans & string];

/** A relation between sums of integer attributes within one request. */
export interface Invariant<Path extends string = string> {
  /** A short name, used as the rule's in a violation. */
  readonly rule: string;
  readonly meaning: string;
  readonly left: readonly [Path, ...Path[]];
  readonly relation: "equals" | "at-least";
  readonly right: readonly [Path, ...Path[]];
  /** The identifier of a span with which the relation need not hold. */
  readonly unless?: string;
}

export interface Contract<
  Attributes extends AttributeRecord = AttributeRecord,
  Spans extends SpanRecord = SpanRecord,
  LogEvents extends LogEventRecord = LogEventRecord,
> {
  /** The name under which the tracer makes the spans. */
  readonly tracerName: string;
  readonly resource: ResourceDefinition;
  readonly attributes: Attributes;
  readonly spans: Spans;
  readonly logEvents: LogEvents;
  readonly invariants: readonly Invariant[];
  /** Without outcomes, a request with an unset root status is `whole` and any other `failed`. */
  readonly outcomes?: {
    /** The identifier of the root's attribute that names the outcome. */
    readonly attribute: keyof Attributes & string;
    readonly byName: Readonly<Record<string, Outcome>>;
  };
}

interface ContractDescription<
  Attributes extends AttributeRecord,
  Spans extends SpanRecord,
  LogEvents extends LogEventRecord,
> extends Contract<Attributes, Spans, LogEvents> {
  readonly invariants: readonly Invariant<AttributePath<Spans>>[];
}

/**
 * Puts a contract together.
 * @throws DefinitionError naming every fault between its parts: outcomes that are not the values of
 *   their attribute, log lines in unknown spans, invariants over what is not an integer.
 */
export function defineContract<
  Attributes extends AttributeRecord,
  Spans extends SpanRecord,
  LogEvents extends LogEventRecord,
>(
  contract: ContractDescription<Attributes, Spans, LogEvents>,
): Contract<Attributes, Spans, LogEvents> {
  DefinitionError.throwIfAny("parts", [
    ...outcomeFaults(contract),
    ...logEventFaults(contract),
    ...invariantFaults(contract),
  ]);
  return contract;
}

function outcomeFaults(contract: Contract): string[] {
  const { outcomes } = contract;
  if (outcomes === undefined) {
    return [];
  }
  const declared = Object.keys(outcomes.byName).sort().join(", ");
  const values = [...(contract.attributes[outcomes.attribute]?.values ?? [])].sort().join(", ");
  const root = rootOf(contract);
  const needed = Object.values(outcomes.byName).flatMap((outcome) => [
    ...(outcome.needs ?? []),
    ...Object.keys(outcome.ranges ?? {}),
  ]);
  return [
    ...(declared === values
      ? []
      : [`the outcomes are ${declared}, but ${outcomes.attribute} takes ${values}`]),
    ...[outcomes.attribute, ...needed]
      .filter((identifier) => !Object.hasOwn(root.attributes, identifier))
      .map((identifier) => `${root.identifier} has no attribute ${identifier} for its outcome`),
  ];
}

function logEventFaults(contract: Contract): string[] {
  return Object.values(contract.logEvents)
    .filter((event) => event.span !== null && !Object.hasOwn(contract.spans, event.span))
    .map((event) => `${event.identifier}: there is no span ${event.span}`);
}

function invariantFaults(contract: Contract): string[] {
  return contract.invariants.flatMap((invariant) =>
    [...invariant.left, ...invariant.right].flatMap((path) => {
      const { span, attribute } = splitPath(path);
      const type = contract.spans[span]?.attributes[attribute]?.type;
      return type === "int"
        ? []
        : [`${invariant.rule}: ${path} is ${type ?? "nothing"}, not an int`];
    }),
  );
}

/** The two identifiers of an attribute path. */
export function splitPath(path: string): { span: string; attribute: string } {
  const [span = "", attribute = ""] = path.split(".");
  return { span, attribute };
}

/** The span that stands for the whole request. */
export function rootOf(contract: Contract): SpanDefinition {
  const root = Object.values(contract.spans).find((definition) => definition.parent === null);
  if (root === undefined) {
    throw new DefinitionError("span tree", ["there is no root"]);
  }
  return root;
}

/** The children of a span, in the order in which they run. */
export function childrenOf(contract: Contract, parent: SpanDefinition): SpanDefinition[] {
  return Object.values(contract.spans).filter(
    (definition) => definition.parent === parent.identifier,
  );
}

/** The name of the service that the contract is for. */
export function serviceNameOf(contract: Contract): string {
  return contract.resource.defaults[contract.resource.serviceName] ?? "";
}
