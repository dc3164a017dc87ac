import type { FoundTrace } from "../answer.ts";
import { isLoneFilter } from "../plan/possible-spans.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import type { Query } from "../syntax.ts";
import { type FoundRow, readRows, toSpansets } from "./found-rows.ts";
import { type Mention, mentionedFields } from "./mentioned-fields.ts";
import { readNewestTraces } from "./newest-traces.ts";
import { searchSql } from "./search-sql.ts";
import { type Overlap, readOverlap, type TimeRange } from "./time-range.ts";
import { hexOf, locateTraces, type Run, readTraceSummaries } from "./trace-summaries.ts";

export interface SearchOptions extends TimeRange {
  /** Traces. */
  readonly limit: number;
  readonly spansPerSpanset: number;
}

/** What all looks at the store have in common. */
interface Search {
  readonly query: Query;
  readonly mentions: readonly Mention[];
  readonly vocabulary: Vocabulary;
  readonly options: SearchOptions;
  readonly run: Run;
}

/**
 * The newest traces of which the query keeps spans.
 * @throws QueryError for what cannot be planned.
 */
export async function search(
  query: Query,
  vocabulary: Vocabulary,
  options: SearchOptions,
  run: Run,
): Promise<FoundTrace[]> {
  const mentions = mentionedFields(query);
  const asked: Search = { query, mentions, vocabulary, options, run };
  const overlap = await readOverlap(options, run);
  const rows = (await searchNewest(asked, overlap)) ?? (await searchIn(asked, null, overlap));
  const byTrace = Map.groupBy(rows, ({ traceId }) => traceId);
  if (byTrace.size === 0) {
    return [];
  }
  const summaries = await readTraceSummaries(await locateTraces(byTrace.keys(), run), run);
  const found = new Map(
    [...byTrace].map(([traceId, ofTrace]) => [hexOf(traceId), toSpansets(ofTrace)]),
  );
  return summaries
    .map((summary) => ({ ...summary, spansets: found.get(summary.traceId) ?? [] }))
    .sort((one, other) => compareBigints(other.startNs, one.startNs) || compareTexts(one, other));
}

/** How many spans are looked at for each trace that is wanted, first and then. */
const spansLookedAt = [10, 160];
/** Ids of more traces would be a long statement, and little would be won. */
const mostTraces = 2_000;

/**
 * Looks at the traces that might have the newest spans of the answer, and at no others.
 * @returns null when an older trace might belong to the answer too.
 */
async function searchNewest(asked: Search, overlap: Overlap): Promise<FoundRow[] | null> {
  const { query, vocabulary, options, run } = asked;
  const { limit } = options;
  for (const factor of spansLookedAt) {
    const { newestNs, boundaryNs } = await readNewestTraces(
      query.stages,
      vocabulary,
      { overlap, spans: factor * limit },
      run,
    );
    if (newestNs.size === 0 && boundaryNs === null) {
      return [];
    }
    const traces = isLoneFilter(query.stages) ? firstTraces(newestNs, limit) : [...newestNs.keys()];
    if (traces.length > mostTraces) {
      return null;
    }
    const rows =
      traces.length === 0 ? [] : await searchIn(asked, await locateTraces(traces, run), null);
    if (boundaryNs === null || isDecided(rows, limit, boundaryNs)) {
      return rows;
    }
  }
  return null;
}

/** So many traces, and those that are as new as the last of them. */
function firstTraces(newestNs: ReadonlyMap<string, bigint>, limit: number): string[] {
  const last = [...newestNs.values()][limit - 1];
  return [...newestNs].flatMap(([traceId, startNs]) =>
    last === undefined || startNs >= last ? [traceId] : [],
  );
}

/** Whether there are as many traces as wanted, all newer than what was not looked at. */
function isDecided(rows: readonly FoundRow[], limit: number, boundaryNs: bigint): boolean {
  const newest = new Map(rows.map(({ traceId, newestNs }) => [traceId, newestNs]));
  return newest.size >= limit && [...newest.values()].every((startNs) => startNs > boundaryNs);
}

async function searchIn(
  { query, mentions, vocabulary, options, run }: Search,
  where: string | null,
  overlap: Overlap,
): Promise<FoundRow[]> {
  const { limit, spansPerSpanset } = options;
  const scope = { limit, spansPerSpanset, where, overlap };
  const { sql, planned } = searchSql(query.stages, mentions, vocabulary, scope);
  return readRows(await run(sql), mentions, planned);
}

function compareBigints(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}

function compareTexts(one: FoundTrace, other: FoundTrace): number {
  return one.traceId < other.traceId ? -1 : 1;
}
