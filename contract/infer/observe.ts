import { findString, type Span } from "../otlp/span.ts";
import { withoutIds } from "./value-forms.ts";

/** A trace as it was read: spans of the service, and of others. */
export interface SeenTrace {
  readonly traceId: string;
  readonly spans: readonly Span[];
}

/** A span of the service in its place. */
export interface SeenSpan {
  readonly span: Span;
  /** Of the same service; undefined for the root of a request. */
  readonly parent: SeenSpan | undefined;
  readonly children: SeenSpan[];
}

export interface Observation {
  readonly service: string;
  /** Names of spans that begin a request, whatever is above them. */
  readonly rootNames: ReadonlySet<string>;
  /** What the contract is guessed from. */
  readonly traces: readonly SeenTrace[];
  readonly spans: readonly SeenSpan[];
  /** Traces that have lost a span, or are not complete yet: nothing is learnt from them. */
  readonly incomplete: readonly SeenTrace[];
  /** Templates of span names that have ids in them, with the number of names and of spans. */
  readonly namesWithIds: ReadonlyMap<string, { readonly names: number; readonly spans: number }>;
}

/** Names of the same template: from then on, a short number in them is an id. */
const fewestNumbered = 4;
/** A name stands at the top in so large a part of its spans, or its spans there have lost their parents. */
const leastShareAtTop = 0.1;

/** Puts the spans of a service into their places. */
export function observe(service: string, traces: readonly SeenTrace[]): Observation {
  const placed = traces
    .map((trace) => placeSpans(service, trace))
    .filter(({ spans }) => spans.length > 0);
  const rootNames = findRootNames(placed.flatMap(({ spans }) => spans));
  const isWhole = ({ spans, hasRepeatedIds, hasCircle }: PlacedTrace) =>
    !hasRepeatedIds &&
    !hasCircle &&
    spans.every(({ span, place }) => place === "below" || rootNames.has(span.name));
  const [whole, incomplete] = [placed.filter(isWhole), placed.filter((trace) => !isWhole(trace))];
  const spans = whole.flatMap((trace) => trace.spans);
  return {
    service,
    rootNames,
    traces: whole.map(({ trace }) => trace),
    spans,
    incomplete: incomplete.map(({ trace }) => trace),
    namesWithIds: findNamesWithIds(spans.map(({ span }) => span)),
  };
}

/** The template of a span's name, if it has ids in it. */
export function templateOf({ namesWithIds }: Observation, name: string): string | undefined {
  const { template } = withoutIds(name);
  return namesWithIds.has(template) ? template : undefined;
}

function isOf(service: string, span: Span): boolean {
  return findString(span.resource.attributes, "service.name") === service;
}

function findNamesWithIds(spans: readonly Span[]): Observation["namesWithIds"] {
  const byTemplate = Map.groupBy(spans, ({ name }) => withoutIds(name).template);
  const found = new Map<string, { names: number; spans: number }>();
  for (const [template, same] of byTemplate) {
    const names = new Set(same.map(({ name }) => name));
    const isSure = [...names].some((name) => withoutIds(name).isSure);
    if (
      template.includes("*") &&
      (isSure || names.size >= fewestNumbered) &&
      !names.has(template)
    ) {
      found.set(template, { names: names.size, spans: same.length });
    }
  }
  return found;
}

interface PlacedTrace {
  readonly trace: SeenTrace;
  readonly spans: readonly PlacedSpan[];
  readonly hasRepeatedIds: boolean;
  /** Spans are parents of each other. */
  readonly hasCircle: boolean;
}

interface PlacedSpan extends SeenSpan {
  parent: PlacedSpan | undefined;
  /** Below a span of the service, at the top of its part of the trace, or below a span that is missing. */
  place: "below" | "top" | "lost";
}

/** A first span without its parent was called from elsewhere; a later one has lost it. */
function placeSpans(service: string, trace: SeenTrace): PlacedTrace {
  const own = trace.spans.filter((span) => isOf(service, span));
  const all = new Set(trace.spans.map(({ spanId }) => spanId));
  const byId = new Map<string, PlacedSpan>(
    own.map((span) => [span.spanId, { span, parent: undefined, children: [], place: "top" }]),
  );
  const first = own
    .filter(({ parentSpanId }) => !byId.has(parentSpanId ?? ""))
    .map(({ startTimeUnixNano }) => startTimeUnixNano)
    .sort(byTime)[0];
  for (const seen of byId.values()) {
    const { parentSpanId, startTimeUnixNano } = seen.span;
    const parent = byId.get(parentSpanId ?? "");
    if (parent !== undefined) {
      seen.parent = parent;
      seen.place = "below";
      parent.children.push(seen);
    } else if (parentSpanId !== null && !all.has(parentSpanId) && startTimeUnixNano !== first) {
      seen.place = "lost";
    }
  }
  const spans = [...byId.values()];
  return {
    trace,
    spans,
    hasRepeatedIds: byId.size < own.length,
    hasCircle: countBelowTops(spans) < spans.length,
  };
}

/** How many spans are reached from those that have no parent here: the others are in a circle, or below one. */
function countBelowTops(spans: readonly PlacedSpan[]): number {
  const reached: SeenSpan[] = spans.filter(({ parent }) => parent === undefined);
  for (const seen of reached) {
    reached.push(...seen.children);
  }
  return reached.length;
}

function findRootNames(spans: readonly PlacedSpan[]): Set<string> {
  const roots = new Set<string>();
  for (const [name, same] of Map.groupBy(spans, ({ span }) => span.name)) {
    const top = same.filter(({ place }) => place === "top").length;
    const isCalled = same.some(
      ({ span: { kind }, place }) =>
        place !== "below" && (kind === "server" || kind === "consumer"),
    );
    if (isCalled || (top > 0 && top >= same.length * leastShareAtTop)) {
      roots.add(name);
    }
  }
  return roots;
}

function byTime(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}
