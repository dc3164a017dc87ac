import {
  emptyResource,
  emptyScope,
  getServiceName,
  type IdentifierOf,
  isOfMainKind,
  type KeyValue,
  type Resource,
  type Span,
  type SpanDefinition,
  type SpanEvent,
  type Value,
} from "#contract";
import { miniserve } from "#miniserve";
import type { Random } from "../../../stack/index.ts";

const { spans: tree, tracerName } = miniserve;
const declared = miniserve.resource;

/** Of a span, by their identifiers in the contract. */
export type Attributes<Definition> = Partial<
  Record<IdentifierOf<Definition>, string | number | boolean>
>;

const { serviceName, serviceVersion, deploymentEnvironment } = declared.attributes;
const resource: Resource = {
  ...emptyResource,
  attributes: [
    text(serviceName.key, getServiceName(miniserve)),
    text(serviceVersion.key, "cf470f9aa2db06c1a614f917f094eb1a7f7fdb25"),
    text(deploymentEnvironment.key, "production"),
  ],
};
const scope = { ...emptyScope, name: tracerName };

interface SpanParts {
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly definition: SpanDefinition;
  readonly startUs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly hasThrown?: boolean;
}

/** One stage after the other, with the gaps between them that a program has. */
export class TraceBuilder {
  readonly #random: Random;
  readonly #traceId: string;
  readonly #rootId: string;
  readonly #startNs: bigint;
  readonly #spans: Span[] = [];
  #parentId: string;
  /** By the id of a span, the place of its next stage. */
  readonly #nextOrder = new Map<string, number>();
  #hasFailed = false;
  #elapsedUs = 0;

  constructor(random: Random, startNs: bigint) {
    this.#random = random;
    this.#traceId = random.hex(32);
    this.#rootId = random.hex(16);
    this.#parentId = this.#rootId;
    this.#startNs = startNs;
  }

  /** Since the start of the trace. */
  get elapsedUs(): number {
    return this.#elapsedUs;
  }

  wait(durationUs: number): void {
    this.#elapsedUs += durationUs;
  }

  stage<Definition extends SpanDefinition>(
    definition: Definition,
    durationUs: number,
    attributes: Attributes<Definition>,
  ): void {
    this.#fillUpTo(definition.parent, definition.order);
    this.#stage(definition, durationUs, attributes);
  }

  #stage(
    definition: SpanDefinition,
    durationUs: number,
    attributes: Readonly<Record<string, unknown>>,
  ): void {
    const startUs = this.#elapsedUs;
    this.#elapsedUs += Math.ceil(durationUs);
    const own = { spanId: this.#random.hex(16), parentSpanId: this.#parentId };
    this.#add({ ...own, definition, startUs, attributes, hasThrown: this.#hasFailed });
    this.wait(this.#random.between(10, 120));
  }

  /** The last stage of a request that fails in it. */
  failedStage<Definition extends SpanDefinition>(
    definition: Definition,
    durationUs: number,
    attributes: Attributes<Definition>,
  ): void {
    this.#hasFailed = true;
    this.stage(definition, durationUs, attributes);
  }

  /** A stage with stages of its own. */
  parent<Definition extends SpanDefinition>(
    definition: Definition,
    attributes: Attributes<Definition>,
    children: () => void,
  ): void {
    this.#fillUpTo(definition.parent, definition.order);
    const parentSpanId = this.#parentId;
    const spanId = this.#random.hex(16);
    const startUs = this.#elapsedUs;
    this.#parentId = spanId;
    children();
    this.#fillUpTo(definition.identifier);
    this.#parentId = parentSpanId;
    this.#add({ spanId, parentSpanId, definition, startUs, attributes });
    this.wait(this.#random.between(10, 120));
  }

  finish(attributes: Attributes<typeof tree.handler>): Span[] {
    if (!this.#hasFailed) {
      this.#fillUpTo(tree.handler.identifier);
    }
    const own = { spanId: this.#rootId, parentSpanId: null };
    this.#add({ ...own, definition: tree.handler, startUs: 0, attributes });
    return this.#spans;
  }

  /** Stages of the current span that nobody has written. */
  #fillUpTo(parent: string | null, order = Number.POSITIVE_INFINITY): void {
    const from = this.#nextOrder.get(this.#parentId) ?? 0;
    this.#nextOrder.set(this.#parentId, order + 1);
    for (const other of Object.values<SpanDefinition>(tree)) {
      const isPassed = other.parent === parent && other.order >= from && other.order < order;
      if (isPassed && other.presence === "always" && isOfMainKind(miniserve, other)) {
        this.#stage(other, this.#random.around(500, 0.5), {});
      }
    }
  }

  #add({ spanId, parentSpanId, definition, startUs, attributes, hasThrown = false }: SpanParts) {
    const endNs = this.#startNs + BigInt(this.#elapsedUs) * 1_000n;
    const hasError = hasThrown || (this.#hasFailed && parentSpanId === null);
    this.#spans.push({
      traceId: this.#traceId,
      spanId,
      parentSpanId,
      traceState: "",
      flags: 0x101,
      name: definition.name,
      kind: definition.kind,
      startTimeUnixNano: this.#startNs + BigInt(startUs) * 1_000n,
      endTimeUnixNano: endNs,
      attributes: Object.entries({
        ...(hasError ? {} : readExamples(definition)),
        ...attributes,
      }).map(([identifier, value]) => ({
        key: definition.attributes[identifier]?.key ?? identifier,
        value: toValue(value),
      })),
      droppedAttributesCount: 0,
      events: hasThrown ? [exceptionAt(endNs)] : [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      status: { code: hasError ? "error" : "unset", message: hasThrown ? "internal_error" : "" },
      resource,
      scope,
    });
  }
}

/** What nobody gave a span that must have it. */
function readExamples({ atStart, atEnd, onSuccess, attributes }: SpanDefinition) {
  const required = [...atStart, ...atEnd, ...onSuccess];
  return Object.fromEntries(required.map((name) => [name, attributes[name]?.examples[0]]));
}

function exceptionAt(timeUnixNano: bigint): SpanEvent {
  return {
    timeUnixNano,
    name: "exception",
    attributes: [
      text("exception.type", "RangeError"),
      text("exception.message", "internal_error"),
      text("exception.stacktrace", "RangeError\n    at decode (server/pipeline/decode.ts:88:13)"),
    ],
    droppedAttributesCount: 0,
  };
}

/** As JavaScript's exporter tells numbers apart: what is whole is an integer. */
function toValue(value: unknown): Value {
  switch (typeof value) {
    case "boolean":
      return { type: "bool", value };
    case "number":
      return Number.isInteger(value)
        ? { type: "int", value: BigInt(value) }
        : { type: "double", value };
    default:
      return { type: "string", value: String(value) };
  }
}

function text(key: string, value: string): KeyValue {
  return { key, value: { type: "string", value } };
}
