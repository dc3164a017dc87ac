/** For tests: a whole, valid request of any contract, made of what the contract itself declares. */
import { randomBytes } from "node:crypto";
import {
  type Attribute,
  type Contract,
  emptyScope,
  exceptionEvent,
  getRootSpan,
  getServiceName,
  isForRequest,
  type KeyValue,
  listChildren,
  type Outcome,
  type Span,
  type SpanDefinition,
  type Value,
  validateValue,
} from "#contract";
import { keepInvariants } from "./kept-invariants.ts";
import type { PlannedSpan } from "./planned-span.ts";

export type PlainValue = string | number | boolean;

/** What differs of a span from what the contract's examples make of it. */
export interface SpanOverride {
  /** By identifier; undefined leaves the attribute out. */
  readonly values?: Readonly<Record<string, PlainValue | undefined>>;
  readonly milliseconds?: number;
  readonly status?: Span["status"]["code"];
}

export interface RequestOverrides<Identifier extends string = string> {
  readonly spans?: Readonly<Partial<Record<Identifier, SpanOverride>>>;
  /** Spans on demand, with all below them, and one of each sampled one; `all` of them. */
  readonly with?: readonly Identifier[] | "all";
  /** Spans that were lost; what is below them stays. */
  readonly without?: readonly Identifier[];
  /** The first outcome with the whole tree, if left out. */
  readonly outcome?: string;
  /** The last span that ended well, where the request did not come to its end. */
  readonly last?: Identifier;
  /** The span that threw or was interrupted after all before it; nothing comes after it. */
  readonly cut?: Identifier;
  /** The contract's service, if left out. */
  readonly service?: string;
  readonly traceId?: string;
  /** A span elsewhere, such as a client's; null for none. */
  readonly parentSpanId?: string | null;
  readonly startTimeUnixNano?: bigint;
}

const leafMilliseconds = 10;
/** What a parent takes besides what is below it. */
const ownMilliseconds = 1;
const nanosecondsPerMillisecond = 1e6;

/**
 * The spans of one request in the order of their starts: each value is an example of its attribute, the
 * contract's sums hold, and stages come one after the other. Overrides have the last word, also against
 * the contract: what is valid otherwise is made wrong by them in one place.
 */
export function completeRequest<Given extends Contract>(
  contract: Given,
  overrides: RequestOverrides<keyof Given["spans"] & string> = {},
): Span[] {
  const plan = new Plan(contract, overrides);
  const planned = plan.request();
  keepInvariants(contract, planned);
  return new Layout(contract, overrides).of(planned);
}

/** The names of the spans that a request has, as `name < name of the parent`. */
export function completeTree<Given extends Contract>(
  contract: Given,
  overrides: RequestOverrides<keyof Given["spans"] & string> = {},
): string[] {
  return formatTree(completeRequest(contract, overrides));
}

/** The spans as `name < name of the parent`, in their order. */
export function formatTree(spans: readonly Span[]): string[] {
  const nameById = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans.map(({ name, parentSpanId }) => {
    const parent = nameById.get(parentSpanId ?? "");
    return parent === undefined ? name : `${name} < ${parent}`;
  });
}

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** Which spans there are, and their values. */
class Plan {
  readonly #contract: Contract;
  readonly #overrides: RequestOverrides;
  readonly #outcome: Outcome & { readonly name: string };
  /** From the root to where the request ended; all before it in the contract's order is there. */
  readonly #path: readonly SpanDefinition[];

  constructor(contract: Contract, overrides: RequestOverrides) {
    this.#contract = contract;
    this.#overrides = overrides;
    this.#outcome = findOutcome(contract, overrides.outcome);
    this.#path = pathTo(contract, overrides.cut ?? overrides.last);
  }

  request(): PlannedSpan {
    const planned = this.#span(getRootSpan(this.#contract));
    return { ...planned, status: this.#outcome.rootStatus };
  }

  #span(definition: SpanDefinition): PlannedSpan {
    const { cut, last } = this.#overrides;
    const isCut = (cut !== undefined || this.#endsEarly()) && this.#holdsTheCut(definition);
    const hasFailed = isCut && this.#outcome.tree === "failed";
    const children = this.#present(definition).map((child) => this.#span(child));
    return {
      definition,
      status: hasFailed ? "error" : "unset",
      threw: hasFailed && definition.identifier === (cut ?? getRootSpan(this.#contract).identifier),
      values: this.#values(definition, isCut && last !== definition.identifier),
      stages: children.filter((child) => child.definition.presence !== "sampled"),
      samples: children.filter((child) => child.definition.presence === "sampled"),
    };
  }

  /** Whether the request did not do all its work, so that its root was cut off. */
  #endsEarly(): boolean {
    return this.#outcome.tree === "failed" || this.#outcome.tree === "interrupted";
  }

  /** The span that was cut, and those above it. */
  #holdsTheCut(definition: SpanDefinition): boolean {
    return definition.parent === null
      ? this.#endsEarly()
      : this.#overrides.cut !== undefined && this.#path.includes(definition);
  }

  #present(parent: SpanDefinition): SpanDefinition[] {
    const next = this.#path[this.#path.indexOf(parent) + 1];
    const isOnPath = this.#path.includes(parent);
    const { cut, last } = this.#overrides;
    if (this.#outcome.tree !== "complete" && parent.parent === null && !cut && !last) {
      return [];
    }
    return listChildren(this.#contract, parent).filter((child) => {
      if (child !== next && !this.#isOfKind(child)) {
        return false;
      }
      const comesAfter = isOnPath && next !== undefined && child.order > next.order;
      const isInCut = cut === parent.identifier;
      return child === next || (!comesAfter && !isInCut && this.#isWanted(child));
    });
  }

  #isOfKind(child: SpanDefinition): boolean {
    return isForRequest(child, (identifier) => this.#kind(identifier));
  }

  /** The root's value that says what kind of request it is: that of where it was cut, or the main kind. */
  #kind(identifier: string): unknown {
    const root = getRootSpan(this.#contract).identifier;
    const given = this.#overrides.spans?.[root]?.values?.[identifier];
    const onPath = this.#path.find(({ onlyFor }) => onlyFor?.attribute === identifier)?.onlyFor;
    return given ?? onPath?.isOneOf[0] ?? this.#contract.attributes[identifier]?.values?.[0];
  }

  #isWanted({ identifier, presence }: SpanDefinition): boolean {
    const wanted = this.#overrides.with ?? [];
    return presence === "always" || wanted === "all" || wanted.includes(identifier);
  }

  #values(definition: SpanDefinition, isCut: boolean): Map<string, unknown> {
    const { atStart, atEnd, onSuccess, optional, whenFailed, whenInterrupted } = definition;
    const outcomes = this.#contract.outcomes;
    const isRoot = definition.parent === null;
    const needs = isRoot ? (this.#outcome.needs ?? []) : [];
    const ofOutcomes = Object.values(outcomes?.byName ?? {}).flatMap((one) => one.needs ?? []);
    const isThere = (identifier: string) =>
      !(isRoot && ofOutcomes.includes(identifier)) || needs.includes(identifier);
    const instead = this.#outcome.tree === "failed" ? whenFailed : whenInterrupted;
    const isUnfinished = isCut || (isRoot && this.#outcome.tree === "rejected");
    const identifiers = [
      ...atStart,
      ...atEnd,
      ...(isUnfinished ? [] : onSuccess),
      ...(isUnfinished ? needs : optional.filter(isThere)),
    ];
    const values = new Map<string, unknown>(
      identifiers.map((identifier) => {
        const range = isRoot ? this.#outcome.ranges?.[identifier] : undefined;
        const reserved = [whenFailed[identifier], whenInterrupted[identifier]];
        return [identifier, getExample(findAttribute(definition, identifier), reserved, range)];
      }),
    );
    for (const { onlyFor } of isRoot ? this.#path : []) {
      if (onlyFor !== undefined) {
        values.set(onlyFor.attribute, this.#kind(onlyFor.attribute));
      }
    }
    if (isRoot && outcomes !== undefined) {
      values.set(outcomes.attribute, this.#outcome.name);
    }
    if (isCut) {
      for (const [identifier, value] of Object.entries(instead)) {
        values.set(identifier, value);
      }
    }
    for (const [identifier, value] of overriddenValues(this.#overrides, definition)) {
      values.set(identifier, value);
    }
    return values;
  }
}

/** When each span was, and under which ids. */
class Layout {
  readonly #contract: Contract;
  readonly #overrides: RequestOverrides;
  readonly #traceId: string;
  readonly #spans: Span[] = [];

  constructor(contract: Contract, overrides: RequestOverrides) {
    this.#contract = contract;
    this.#overrides = overrides;
    this.#traceId = overrides.traceId ?? randomHex(16);
  }

  of(request: PlannedSpan): Span[] {
    const { parentSpanId = null, startTimeUnixNano = 1_700_000_000_000_000_000n } = this.#overrides;
    this.#put(request, parentSpanId, startTimeUnixNano);
    return this.#spans.filter(({ name }) => !this.#isLost(name));
  }

  #isLost(name: string): boolean {
    const { without = [] } = this.#overrides;
    return without.some((identifier) => this.#contract.spans[identifier]?.name === name);
  }

  /** Places a span and all below it, and returns when it ends. */
  #put(planned: PlannedSpan, parentSpanId: string | null, startTimeUnixNano: bigint): bigint {
    const { definition, stages, samples } = planned;
    const { milliseconds } = this.#overrides.spans?.[definition.identifier] ?? {};
    const index = this.#spans.length;
    const span = { ...this.#toSpan(planned), parentSpanId, startTimeUnixNano };
    // Keeps the place: the end is known when all below it has its own.
    this.#spans.push(span);
    const ends = samples.map((sample) => this.#put(sample, span.spanId, startTimeUnixNano));
    const lastStage = stages.reduce(
      (now, stage) => this.#put(stage, span.spanId, now),
      startTimeUnixNano,
    );
    const isLeaf = stages.length + samples.length === 0;
    const usualEnd =
      findLatest([...ends, lastStage]) + nanoseconds(isLeaf ? leafMilliseconds : ownMilliseconds);
    const endTimeUnixNano =
      milliseconds === undefined ? usualEnd : startTimeUnixNano + nanoseconds(milliseconds);
    this.#spans[index] = { ...span, endTimeUnixNano };
    return endTimeUnixNano;
  }

  #toSpan({ definition, values, status, threw }: PlannedSpan): Span {
    // What the sums made of other values, the overrides take back.
    const all = new Map([...values, ...overriddenValues(this.#overrides, definition)]);
    const exception = { key: exceptionEvent.type.key, value: toValue("Error") };
    return {
      traceId: this.#traceId,
      spanId: randomHex(8),
      parentSpanId: null,
      traceState: "",
      flags: 0x101,
      name: definition.name,
      kind: definition.kind,
      startTimeUnixNano: 0n,
      endTimeUnixNano: 0n,
      attributes: [...all].flatMap(([identifier, value]) =>
        value === undefined ? [] : [toKeyValue(findAttribute(definition, identifier), value)],
      ),
      droppedAttributesCount: 0,
      events: threw
        ? [
            {
              timeUnixNano: 0n,
              name: exceptionEvent.name,
              attributes: [exception],
              droppedAttributesCount: 0,
            },
          ]
        : [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      status: {
        code: this.#overrides.spans?.[definition.identifier]?.status ?? status,
        message: "",
      },
      resource: { attributes: this.#resource(), droppedAttributesCount: 0, schemaUrl: "" },
      scope: { ...emptyScope, name: this.#contract.tracerName },
    };
  }

  #resource(): KeyValue[] {
    const { attributes, serviceName, defaults } = this.#contract.resource;
    const { service = getServiceName(this.#contract) } = this.#overrides;
    return Object.entries(attributes).map(([identifier, attribute]) =>
      toKeyValue(
        attribute,
        identifier === serviceName ? service : (defaults[identifier] ?? getExample(attribute)),
      ),
    );
  }
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * nanosecondsPerMillisecond));
}

function findLatest(times: readonly bigint[]): bigint {
  return times.toSorted((one, other) => Number(other - one))[0] ?? 0n;
}

/** Without outcomes, a request is whole, or failed if it is called so. */
function findOutcome({ outcomes }: Contract, wanted?: string): Outcome & { readonly name: string } {
  const all: Readonly<Record<string, Outcome>> = outcomes?.byName ?? {
    complete: { brief: "", tree: "complete", rootStatus: "unset" },
    failed: { brief: "", tree: "failed", rootStatus: "error" },
  };
  const found = Object.entries(all).find(([name, { tree }]) =>
    wanted === undefined ? tree === "complete" : name === wanted,
  );
  if (found === undefined) {
    throw new RangeError(`The contract has no outcome ${wanted}.`);
  }
  return { name: found[0], ...found[1] };
}

/** From the root down to a span, both among them; empty for none. */
function pathTo(contract: Contract, identifier: string | undefined): SpanDefinition[] {
  if (identifier === undefined) {
    return [];
  }
  const definition = contract.spans[identifier];
  if (definition === undefined) {
    throw new RangeError(`The contract has no span ${identifier}.`);
  }
  return [...pathTo(contract, definition.parent ?? undefined), definition];
}

function overriddenValues({ spans = {} }: RequestOverrides, { identifier }: SpanDefinition) {
  return Object.entries(spans[identifier]?.values ?? {});
}

/** The first example that says something, is not reserved, and is in the range. */
function getExample(
  attribute: Attribute,
  reserved: readonly unknown[] = [],
  range?: readonly [min: number, max: number],
): unknown {
  const [min, max] = range ?? [attribute.min ?? 0, attribute.max ?? 0];
  const isInRange = (value: unknown) =>
    range === undefined || (Number(value) >= min && Number(value) <= max);
  const candidates = attribute.examples.filter(
    (value) =>
      !reserved.includes(value) &&
      isInRange(value) &&
      validateValue(attribute, value) === undefined,
  );
  return candidates.find((value) => value !== 0) ?? candidates[0] ?? min;
}

function findAttribute({ identifier: span, attributes }: SpanDefinition, identifier: string) {
  const attribute = attributes[identifier];
  if (attribute === undefined) {
    throw new RangeError(`${span} has no attribute ${identifier}.`);
  }
  return attribute;
}

function toKeyValue({ key }: Attribute, value: unknown): KeyValue {
  return { key, value: toValue(value) };
}

/** As the exporter of OpenTelemetry JS writes them: a whole number is an integer, of a double too. */
function toValue(value: unknown): Value {
  if (typeof value === "string") {
    return { type: "string", value };
  }
  if (typeof value === "boolean") {
    return { type: "bool", value };
  }
  return Number.isInteger(value)
    ? { type: "int", value: BigInt(value as number) }
    : { type: "double", value: value as number };
}
