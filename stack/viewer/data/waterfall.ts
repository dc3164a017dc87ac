import { getDuration, getEarliestStart, type Span } from "#contract";

/** A span in its place in the waterfall of its trace. */
export interface WaterfallRow {
  readonly span: Span;
  readonly depth: number;
  /** Where its bar begins and how long it is, in parts of the whole. */
  readonly start: number;
  readonly length: number;
  readonly durationMs: number;
  readonly childCount: number;
}

export interface Waterfall {
  readonly rows: readonly WaterfallRow[];
  readonly startMs: number;
  readonly durationMs: number;
}

/** The spans of a trace as a tree, parents before their children, by their starts. */
export function createWaterfall(spans: readonly Span[]): Waterfall {
  const start = getEarliestStart(spans);
  const ends = spans.map((span) => Number(span.startTimeUnixNano - start + getDuration(span)));
  const whole = ends.reduce((last, end) => Math.max(last, end), 1);
  const toFraction = (nanoseconds: number) => Math.min(1, Math.max(0, nanoseconds / whole));
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const childrenByParent = Map.groupBy(sortSpans(spans), ({ parentSpanId, spanId }) =>
    parentSpanId !== null && parentSpanId !== spanId && ids.has(parentSpanId) ? parentSpanId : "",
  );
  const rows: WaterfallRow[] = [];
  const seen = new Set<string>();
  const add = (span: Span, depth: number) => {
    if (seen.has(span.spanId)) {
      return;
    }
    seen.add(span.spanId);
    const children = childrenByParent.get(span.spanId) ?? [];
    const nanoseconds = Number(getDuration(span));
    const from = toFraction(Number(span.startTimeUnixNano - start));
    rows.push({
      span,
      depth,
      start: from,
      length: Math.min(toFraction(nanoseconds), 1 - from),
      durationMs: nanoseconds / 1e6,
      childCount: children.length,
    });
    for (const child of children) {
      add(child, depth + 1);
    }
  };
  for (const root of childrenByParent.get("") ?? []) {
    add(root, 0);
  }
  // Spans that are each other's parents hang on no root.
  for (const span of sortSpans(spans)) {
    add(span, 0);
  }
  return { rows, startMs: Number(start / 1_000_000n), durationMs: whole / 1e6 };
}

function sortSpans(spans: readonly Span[]): Span[] {
  return spans.toSorted((one, other) => {
    const difference = one.startTimeUnixNano - other.startTimeUnixNano;
    return difference === 0n ? one.spanId.localeCompare(other.spanId) : difference < 0n ? -1 : 1;
  });
}
