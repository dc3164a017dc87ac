import {
  type Attribute,
  type Contract,
  exceptionForms,
  findString,
  getServiceName,
  type KeyValue,
  plainValue,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type Value,
  validateValue,
} from "#contract";

/** What the allow-list takes away. Names stay in place, under a word of ours. */
export type RemovedKind =
  | "span name"
  | "span attribute"
  | "resource attribute"
  | "attribute value"
  | "scope"
  | "event name"
  | "event attribute"
  | "link"
  | "status message"
  | "trace state"
  | "schema URL";

/** In place of a name that is not the contract's. */
const redacted = "redacted";
/** An attribute without a form of its own takes a word, and no sentence. */
const plainWord = /^[A-Za-z0-9][A-Za-z0-9._/+:-]{0,127}$/;
/** W3C's flags and OTLP's two bits beside them. */
const knownFlags = 0x3ff;

/**
 * Leaves of the spans of each contract's service what its contract declares: its spans' names, its
 * attributes with values of their forms, exceptions without free text. All else is removed and
 * counted, as the Collector does in production. Spans of other services pass as they are.
 */
export class AllowList {
  readonly #lists: readonly ServiceAllowList[];

  constructor(contracts: readonly Contract[]) {
    this.#lists = contracts.map((contract) => new ServiceAllowList(contract));
  }

  apply(spans: readonly Span[]): {
    readonly spans: readonly Span[];
    readonly removed: ReadonlyMap<RemovedKind, number>;
  } {
    const removed = new Map<RemovedKind, number>();
    const allowed = spans.map(
      (span) => this.#lists.find((list) => list.isFor(span))?.apply(span) ?? span,
    );
    for (const [kind, count] of this.#lists.flatMap((list) => [...list.finish()])) {
      removed.set(kind, (removed.get(kind) ?? 0) + count);
    }
    return { spans: allowed, removed };
  }
}

/** The allow-list of one contract. */
class ServiceAllowList {
  readonly #contract: Contract;
  readonly #serviceKey: string;
  readonly #service: string;
  readonly #names: ReadonlySet<string>;
  readonly #attributes: ReadonlyMap<string, Attribute>;
  readonly #resourceAttributes: ReadonlyMap<string, Attribute>;
  /** Of one call: what spans share is judged once, and stays shared. */
  readonly #shared = new Map<object, object>();
  #removed = new Map<RemovedKind, number>();

  constructor(contract: Contract) {
    const { attributes, serviceName } = contract.resource;
    this.#contract = contract;
    this.#serviceKey = attributes[serviceName]?.key ?? "";
    this.#service = getServiceName(contract);
    this.#names = new Set(Object.values(contract.spans).map(({ name }) => name));
    this.#attributes = byKey(contract.attributes);
    this.#resourceAttributes = byKey(attributes);
  }

  isFor(span: Span): boolean {
    return findString(span.resource.attributes, this.#serviceKey) === this.#service;
  }

  /** What was removed since the last time. */
  finish(): ReadonlyMap<RemovedKind, number> {
    const removed = this.#removed;
    this.#removed = new Map();
    this.#shared.clear();
    return removed;
  }

  apply(span: Span): Span {
    this.#count("link", span.links.length);
    return {
      ...span,
      name: this.#name(span.name, this.#names, "span name"),
      traceState: this.#nothing(span.traceState, "trace state"),
      flags: span.flags & knownFlags,
      attributes: this.#keepAllowed(span.attributes, this.#attributes, "span attribute"),
      events: span.events.map((event) => this.#event(event)),
      links: [],
      status: { ...span.status, message: this.#nothing(span.status.message, "status message") },
      resource: this.#once(span.resource, (resource) => this.#resource(resource)),
      scope: this.#once(span.scope, (scope) => this.#scope(scope)),
    };
  }

  #event(event: SpanEvent): SpanEvent {
    const attributes = event.attributes.filter(({ key, value }) => {
      const form = exceptionForms.get(key);
      const isAllowed =
        value.type === "string" && value.value.split("\n").every((line) => form?.test(line));
      this.#count(form === undefined ? "event attribute" : "attribute value", isAllowed ? 0 : 1);
      return isAllowed;
    });
    return { ...event, name: this.#name(event.name, exceptionNames, "event name"), attributes };
  }

  #resource(resource: Resource): Resource {
    const known = this.#resourceAttributes;
    return {
      ...resource,
      schemaUrl: this.#nothing(resource.schemaUrl, "schema URL"),
      attributes: this.#keepAllowed(resource.attributes, known, "resource attribute"),
    };
  }

  #scope(scope: Scope): Scope {
    const allowed: Scope = {
      name: this.#contract.tracerName,
      version: "",
      attributes: [],
      droppedAttributesCount: scope.droppedAttributesCount,
      schemaUrl: this.#nothing(scope.schemaUrl, "schema URL"),
    };
    const isOurs =
      scope.name === allowed.name && scope.version === "" && scope.attributes.length === 0;
    this.#count("scope", isOurs ? 0 : 1);
    return allowed;
  }

  /** The first of each key that has a value as declared. */
  #keepAllowed(
    attributes: readonly KeyValue[],
    known: ReadonlyMap<string, Attribute>,
    kind: RemovedKind,
  ): KeyValue[] {
    const kept = new Map<string, KeyValue>();
    for (const { key, value } of attributes) {
      const attribute = known.get(key);
      if (attribute === undefined || kept.has(key)) {
        this.#count(kind, 1);
        continue;
      }
      const allowed = allowedValue(attribute, value);
      if (allowed === undefined) {
        this.#count("attribute value", 1);
      } else {
        kept.set(key, { key, value: allowed });
      }
    }
    return [...kept.values()];
  }

  #name(name: string, known: ReadonlySet<string>, kind: RemovedKind): string {
    const isKnown = known.has(name);
    this.#count(kind, isKnown ? 0 : 1);
    return isKnown ? name : redacted;
  }

  #nothing(text: string, kind: RemovedKind): string {
    this.#count(kind, text === "" ? 0 : 1);
    return "";
  }

  #count(kind: RemovedKind, by: number): void {
    if (by > 0) {
      this.#removed.set(kind, (this.#removed.get(kind) ?? 0) + by);
    }
  }

  #once<Shared extends object>(shared: Shared, judge: (shared: Shared) => Shared): Shared {
    const known = this.#shared.get(shared) as Shared | undefined;
    const judged = known ?? judge(shared);
    this.#shared.set(shared, judged);
    return judged;
  }
}

const exceptionNames: ReadonlySet<string> = new Set(["exception"]);

function byKey(attributes: Readonly<Record<string, Attribute>>): ReadonlyMap<string, Attribute> {
  return new Map(Object.values(attributes).map((attribute) => [attribute.key, attribute]));
}

/** The value in its declared type, or undefined when it is not one that the attribute takes. */
function allowedValue(attribute: Attribute, value: Value): Value | undefined {
  const plain = plainValue(attribute, value);
  if (plain === undefined || validateValue(attribute, plain) !== undefined) {
    return undefined;
  }
  const isFree = attribute.pattern === undefined && attribute.values === undefined;
  if (typeof plain === "string" && isFree && !plainWord.test(plain)) {
    return undefined;
  }
  return attribute.type === "double" ? { type: "double", value: Number(plain) } : value;
}
