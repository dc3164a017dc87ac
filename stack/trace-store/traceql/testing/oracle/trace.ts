import { findString, type Span } from "#contract";

/** The spans of one trace, and what is said about it as a whole. */
export interface Trace {
  readonly traceId: string;
  readonly spans: readonly Span[];
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** The first of those without a parent. */
  readonly root: Span | undefined;
}

export function groupTraces(spans: readonly Span[]): Trace[] {
  return [...Map.groupBy(spans, ({ traceId }) => traceId)].map(([traceId, ofTrace]) => {
    const [root] = ofTrace.filter(({ parentSpanId }) => parentSpanId === null).sort(byStart);
    const [startNs = 0n] = ofTrace.map((span) => span.startTimeUnixNano).sort(compareBigints);
    const endNs = ofTrace.map(getEnd).sort(compareBigints).at(-1) ?? 0n;
    return { traceId, spans: ofTrace, startNs, endNs, root };
  });
}

/** By start, then by id. */
export function byStart(one: Span, other: Span): number {
  return (
    compareBigints(one.startTimeUnixNano, other.startTimeUnixNano) ||
    (one.spanId < other.spanId ? -1 : Number(one.spanId > other.spanId))
  );
}

export function compareBigints(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}

/** An end before the start is a span without length. */
export function getDuration({ startTimeUnixNano, endTimeUnixNano }: Span): bigint {
  return endTimeUnixNano > startTimeUnixNano ? endTimeUnixNano - startTimeUnixNano : 0n;
}

/** A calculated time stands still beyond 64 bits. */
export function clampedNs(nanoseconds: bigint): bigint {
  const latest = 2n ** 63n - 1n;
  return nanoseconds > latest ? latest : nanoseconds;
}

export function getEnd(span: Span): bigint {
  return span.startTimeUnixNano + getDuration(span);
}

export function getService({ resource }: Span): string {
  return findString(resource.attributes, "service.name") ?? "";
}

/** Whether one span names the other as its parent. No span is its own child. */
export function isChild(child: Span, parent: Span): boolean {
  return (
    child !== parent && child.traceId === parent.traceId && child.parentSpanId === parent.spanId
  );
}

export function areSiblings(one: Span, other: Span): boolean {
  return (
    one !== other &&
    one.traceId === other.traceId &&
    one.parentSpanId !== null &&
    one.parentSpanId === other.parentSpanId
  );
}

/** All that lies above a span, step by step; in a cycle of parents that is the span itself, too. */
export function findAncestors(span: Span, { spans }: Trace): ReadonlySet<Span> {
  const found = new Set<Span>();
  const open = [span];
  for (let child = open.pop(); child !== undefined; child = open.pop()) {
    for (const parent of spans) {
      if (isChild(child, parent) && !found.has(parent)) {
        found.add(parent);
        open.push(parent);
      }
    }
  }
  return found;
}
