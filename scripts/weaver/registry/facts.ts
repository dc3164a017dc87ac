import {
  type Attribute,
  type Contract,
  declaredPattern,
  type LogEvent,
  type MetricDefinition,
  type SpanDefinition,
} from "#contract";

/** The key of `annotations` under which a registry repeats what Weaver has no word for. */
export const factsKey = "miniserve";

/** The level of an attribute that a span has if its stage succeeded. */
export const whenSucceeded = "When the stage succeeded.";

/** The entity of what an SDK adds to a resource by itself: no part of a contract. */
export const sdkEntity = "telemetry.sdk";

export type AttributeFacts = Partial<
  Pick<Attribute, "unit" | "min" | "max" | "semconv" | "extension" | "unique">
> & {
  readonly identifier: string;
  readonly pattern?: string;
  readonly ignoreCase?: boolean;
};

export type SpanFacts = Partial<
  Pick<SpanDefinition, "presence" | "onlyFor" | "tracer" | "detached">
> & {
  readonly identifier: string;
  /** Names on the wire. */
  readonly parent: string | null;
  readonly alsoUnder?: readonly string[];
  readonly whenInterrupted?: Readonly<Record<string, unknown>>;
  readonly whenFailed?: Readonly<Record<string, unknown>>;
};

export type MetricFacts = Partial<
  Pick<MetricDefinition, "buckets" | "semconv" | "alert" | "instrument">
> & { readonly identifier: string };

export type EventFacts = Pick<LogEvent, "identifier" | "level"> & { readonly span: string | null };

export interface EntityFacts extends Pick<Contract, "failures" | "undeclared"> {
  readonly tracerName: string;
  /** Values by wire name. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** Adds what is there, under our key. */
export function annotate(facts: object): { readonly annotations: object } {
  const known = Object.entries(facts).filter(([, fact]) => isFact(fact));
  return { annotations: { [factsKey]: Object.fromEntries(known) } };
}

/** What is not declared, or is as for most, is not repeated. */
function isFact(fact: unknown): boolean {
  const isEmpty = typeof fact === "object" && fact !== null && Object.keys(fact).length === 0;
  return fact !== undefined && fact !== false && !isEmpty;
}

export function attributeFacts(identifier: string, attribute: Attribute): AttributeFacts {
  const { unit, min, max, pattern, semconv, extension, unique } = attribute;
  return {
    identifier,
    ...{ unit, min, max, semconv, extension, unique },
    ...(pattern && { pattern: declaredPattern(pattern), ignoreCase: pattern.ignoreCase }),
  } as AttributeFacts;
}

export function spanFacts({ spans }: Contract, span: SpanDefinition): SpanFacts {
  const byKey = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [span.attributes[name]?.key ?? name, value]),
    );
  return {
    identifier: span.identifier,
    parent: span.parent === null ? null : (spans[span.parent]?.name ?? null),
    alsoUnder: span.alsoUnder?.map((parent) => spans[parent]?.name ?? parent),
    ...{ tracer: span.tracer, detached: span.detached, onlyFor: span.onlyFor },
    ...(span.presence === "always" ? {} : { presence: span.presence }),
    whenInterrupted: byKey(span.whenInterrupted),
    whenFailed: byKey(span.whenFailed),
  } as SpanFacts;
}

export function metricFacts(metric: MetricDefinition): MetricFacts {
  const { identifier, instrument, buckets, semconv, alert } = metric;
  return {
    identifier,
    ...(instrument === "observable-counter" ? { instrument } : {}),
    ...{ buckets, semconv, alert },
  } as MetricFacts;
}
