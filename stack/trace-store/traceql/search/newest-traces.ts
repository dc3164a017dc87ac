import type { PossibleSpans } from "../plan/kept-rows.ts";
import type { Overlap, TimeRange } from "./time-range.ts";
import { idList, type Run } from "./trace-summaries.ts";

/** Traces that may be in an answer. */
export interface NewestTraces {
  /** As DuckDB writes ids → the start of the newest span that may be kept. The newest first. */
  readonly newestNs: ReadonlyMap<string, bigint>;
  /** No other trace has a span that may be kept and starts after this. Null: no other has any. */
  readonly boundaryNs: bigint | null;
}

export interface SearchContext {
  readonly possible: PossibleSpans;
  readonly range: TimeRange;
  readonly overlap: Overlap | null;
  /** How many spans are looked at. */
  readonly spans: number;
  /** Whether also at spans before the range, of traces that overlap it; they are never the newest. */
  readonly isThorough: boolean;
  /** At spans of the range that start before this it does not look. Null: it looks at all. */
  readonly sinceNs: bigint | null;
  readonly run: Run;
}

interface FoundSpans {
  readonly spans: readonly { readonly traceId: string; readonly startNs: bigint }[];
  readonly boundaryNs: bigint | null;
}

/**
 * The traces of the newest spans that a query might keep: where to look first, because the database
 * finds the newest spans without reading the others.
 */
export async function readNewestTraces(look: SearchContext): Promise<NewestTraces> {
  const { overlap, range, isThorough } = look;
  const parts: FoundSpans[] = [await newestInside(look)];
  if (overlap?.after) {
    parts.push(await findStraddling(look, overlap.after, overlap.inside));
  }
  if (overlap?.before) {
    parts.push(
      isThorough
        ? await findStraddling(look, overlap.before, overlap.inside)
        : { spans: [], boundaryNs: range.startNs },
    );
  }
  const boundaryNs = parts.reduce<bigint | null>(
    (highest, part) => later(highest, part.boundaryNs),
    null,
  );
  const newestNs = new Map<string, bigint>();
  const newestFirst = parts
    .flatMap(({ spans }) => spans)
    .sort((one, other) => (one.startNs > other.startNs ? -1 : 1));
  for (const { traceId, startNs } of newestFirst) {
    // At the boundary itself some may be missing.
    if (!newestNs.has(traceId) && (boundaryNs === null || startNs > boundaryNs)) {
      newestNs.set(traceId, startNs);
    }
  }
  return { newestNs, boundaryNs };
}

async function newestInside(look: SearchContext): Promise<FoundSpans> {
  const { overlap, sinceNs } = look;
  const inside = overlap === null ? "true" : overlap.inside;
  if (sinceNs === null) {
    return await findNewest(look, inside);
  }
  const { spans, boundaryNs } = await findNewest(look, `s.start_ns >= ${sinceNs} AND ${inside}`);
  return { spans, boundaryNs: boundaryNs ?? sinceNs - 1n };
}

/** The newest possible spans with a condition more. */
async function findNewest(
  { possible, spans, run }: SearchContext,
  condition: string,
): Promise<FoundSpans> {
  const [traceIds = [], starts = []] = await run(
    possible.rows.select(
      "CAST(s.trace_id AS VARCHAR), s.start_ns",
      `WHERE ${condition} AND ${possible.where} ORDER BY s.start_ns DESC LIMIT ${spans}`,
    ),
  );
  const found = traceIds.map((traceId, row) => ({
    traceId: String(traceId),
    startNs: starts[row] as bigint,
  }));
  return {
    spans: found,
    boundaryNs: found.length < spans ? null : (found.at(-1)?.startNs ?? null),
  };
}

/** Those in a part outside of the range whose traces overlap it nevertheless, which few do. */
async function findStraddling(
  look: SearchContext,
  outside: string,
  inside: string,
): Promise<FoundSpans> {
  // As a rule few spans are possible, or few overlap; what is few is asked for first.
  const found = await findNewest(look, outside);
  if (found.boundaryNs !== null) {
    const ofRange = `s.trace_id IN (SELECT s.trace_id FROM spans s WHERE ${inside})`;
    return await findNewest(look, `${outside} AND ${ofRange}`);
  }
  if (found.spans.length === 0) {
    return found;
  }
  const ids = idList(new Set(found.spans.map(({ traceId }) => traceId)));
  const [overlapping = []] = await look.run(
    `SELECT DISTINCT CAST(s.trace_id AS VARCHAR) FROM spans s WHERE ${inside} AND s.trace_id IN (${ids})`,
  );
  const isOverlapping = new Set(overlapping.map(String));
  return { ...found, spans: found.spans.filter(({ traceId }) => isOverlapping.has(traceId)) };
}

function later(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) {
    return one ?? other;
  }
  return one > other ? one : other;
}
