import type { DuckDBValue } from "@duckdb/node-api";
import type { Expression, Query } from "#traceql";
import type { SpanBounds } from "../../store/index.ts";
import type { FoundTrace } from "../answer.ts";
import { loneFilter, possibleSpans } from "../plan/kept-rows.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { compare, earlier, later, type SpansetLimits } from "./first-spans.ts";
import { type FoundRow, readRows, toSpansets } from "./found-rows.ts";
import { mentionedFields } from "./mentioned-fields.ts";
import { readNewestTraces } from "./newest-traces.ts";
import {
  rankedSql,
  type Searched,
  type SearchedTraces,
  type SearchPlan,
  unrankedSql,
  wholeTraceColumns,
  wholeTracesSql,
} from "./search-sql.ts";
import { computeStoredRange, type StoredRange, type TimeRange } from "./time-range.ts";
import {
  compareRoots,
  formatHex,
  idList,
  locateTraces,
  type Run,
  readTraceSummaries,
  type ServicePart,
  spansOfTraces,
  summarize,
  type TraceSummary,
} from "./trace-summaries.ts";

export type SearchOptions = TimeRange & SpansetLimits;

/** What a search looks at. */
interface SearchInput {
  readonly vocabulary: Vocabulary;
  readonly options: SearchOptions;
  /** Of all spans that are stored; null: there are none. */
  readonly bounds: SpanBounds | null;
  readonly run: Run;
}

/** What all looks at the store have in common. */
interface Search extends Searched {
  /** Whether those traces are wanted that start last, and not those with the newest spans found. */
  readonly isMostRecent: boolean;
  readonly options: SearchOptions;
  readonly run: Run;
}

interface Found {
  readonly rows: readonly FoundRow[];
  /** Of these traces and maybe more; null: not known. */
  readonly summaries: readonly TraceSummary[] | null;
}

/**
 * The newest traces of which the query keeps spans.
 * @throws QueryError for what cannot be planned.
 */
export async function search(
  query: Query,
  { vocabulary, options, bounds: storedBounds, run }: SearchInput,
): Promise<FoundTrace[]> {
  const mentions = mentionedFields(query);
  const isMostRecent = isHinted(query, "most_recent");
  const asked: Search = { stages: query.stages, mentions, vocabulary, options, run, isMostRecent };
  const stored = computeStoredRange(options, storedBounds);
  // Made in any case, so that what cannot be planned is refused though nothing is found.
  const whole = rankedSql(asked, options, {
    traces: null,
    overlap: stored.overlap,
    isMostRecent,
  });
  const { rows, summaries } = (await searchNewest(asked, stored)) ?? {
    rows: await readPlanned(whole, asked),
    summaries: null,
  };
  const byTrace = Map.groupBy(rows, ({ traceId }) => traceId);
  if (byTrace.size === 0) {
    return [];
  }
  const found = new Map(
    [...byTrace].map(([traceId, ofTrace]) => [formatHex(traceId), toSpansets(ofTrace)]),
  );
  return (summaries ?? (await loadSummaries([...byTrace.keys()], run)))
    .flatMap((summary) => {
      const spansets = found.get(summary.traceId);
      return spansets === undefined ? [] : [{ ...summary, spansets }];
    })
    .sort(isMostRecent ? compareStarts : compareAnswered)
    .slice(0, options.limit);
}

function isHinted({ hints }: Query, hint: string): boolean {
  return hints.some(({ name, value }) => name === hint && value.type === "bool" && value.value);
}

type Started = Pick<TraceSummary, "traceId" | "startNs">;

function compareAnswered(one: Started, other: Started): number {
  return compare(other.startNs, one.startNs) || compare(one.traceId, other.traceId);
}

/** Of traces that start together that of the larger id is the first, as in Tempo. */
function compareStarts(one: Started, other: Started): number {
  return compare(other.startNs, one.startNs) || compare(other.traceId, one.traceId);
}

async function loadSummaries(
  traceIds: readonly string[],
  run: Run,
): Promise<readonly TraceSummary[]> {
  return readTraceSummaries(spansOfTraces(traceIds, await locateTraces(traceIds, run)), run);
}

/** How many spans are looked at for each trace that is wanted: first few, and then more. */
const looks = [
  { spansPerTrace: 2, isOfRecent: true, isThorough: false },
  { spansPerTrace: 16, isOfRecent: false, isThorough: false },
  { spansPerTrace: 160, isOfRecent: false, isThorough: true },
];
/** Ids of more traces would be a long statement, and little would be won. */
const mostTraces = 2_000;

/**
 * Looks at the traces that might have the newest spans of the answer, and at no others.
 * @returns null when an older trace might belong to the answer too.
 */
async function searchNewest(
  asked: Search,
  { overlap, recentNs }: StoredRange,
): Promise<Found | null> {
  const { stages, vocabulary, options, run, isMostRecent } = asked;
  const { limit } = options;
  const possible = possibleSpans(stages, vocabulary);
  for (const { spansPerTrace, isOfRecent, isThorough } of looks) {
    const spans = spansPerTrace * limit;
    const sinceNs = isOfRecent ? recentNs : null;
    const look = { possible, range: options, overlap, spans, isThorough, sinceNs, run };
    const { newestNs, boundaryNs } = await readNewestTraces(look);
    if (boundaryNs !== null && newestNs.size < limit) {
      continue;
    }
    const traces =
      possible.isExact && !isMostRecent ? firstTraces(newestNs, limit) : [...newestNs.keys()];
    if (traces.length > mostTraces) {
      return null;
    }
    if (traces.length === 0) {
      return { rows: [], summaries: [] };
    }
    const atMost = isMostRecent ? traces.length : limit;
    const found = await searchTraces(
      { ...asked, options: { ...options, limit: atMost } },
      {
        ids: idList(traces),
        where: spansOfTraces(traces, await locateTraces(traces, run)),
      },
    );
    const startsNs = isMostRecent ? listStarts(found, limit) : listNewestSpans(found);
    if (boundaryNs === null || isDecided(startsNs, limit, boundaryNs)) {
      return found;
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
function isDecided(startsNs: readonly bigint[], limit: number, boundaryNs: bigint): boolean {
  return startsNs.length >= limit && startsNs.every((startNs) => startNs > boundaryNs);
}

function listNewestSpans({ rows }: Found): bigint[] {
  return [...new Map(rows.map(({ traceId, newestNs }) => [traceId, newestNs])).values()];
}

/** When the traces that start last start: no span of a trace is older than the trace. */
function listStarts({ rows, summaries }: Found, limit: number): bigint[] {
  const found = new Set(rows.map(({ traceId }) => formatHex(traceId)));
  return (summaries ?? [])
    .filter(({ traceId }) => found.has(traceId))
    .sort(compareStarts)
    .slice(0, limit)
    .map(({ startNs }) => startNs);
}

/** Ranking so many rows here takes as long as having them ranked by the database. */
const mostUnranked = 10_000;

/** What the query keeps of traces of which some span overlaps the range. */
async function searchTraces(asked: Search, traces: SearchedTraces): Promise<Found> {
  const { stages, mentions, options, run, isMostRecent } = asked;
  const lone = loneFilter(stages);
  if (lone !== undefined) {
    const whole = await readFullTraces(asked, lone.condition, traces, mostUnranked);
    if (whole !== null) {
      return whole;
    }
  }
  const { sql, planned } = unrankedSql(asked, traces, mostUnranked + 1);
  const [columns, summaries] = await awaitBoth(run(sql), readTraceSummaries(traces.where, run));
  const rows =
    (columns[0] ?? []).length <= mostUnranked
      ? readRows(columns, mentions, planned, options)
      : await readPlanned(
          rankedSql(asked, options, { traces, overlap: null, isMostRecent }),
          asked,
        );
  return { rows, summaries };
}

/** Waits for both also when one fails: none must go on asking when its search is over. */
async function awaitBoth<One, Other>(
  one: Promise<One>,
  other: Promise<Other>,
): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

async function readPlanned(
  { sql, planned }: SearchPlan,
  { mentions, options, run }: Search,
): Promise<FoundRow[]> {
  return readRows(await run(sql), mentions, planned, options);
}

interface FullTraces {
  /** What the filter keeps of them. */
  readonly rows: readonly FoundRow[];
  readonly summaries: readonly TraceSummary[];
}

interface SearchQuestion extends Searched {
  readonly options: SpansetLimits;
  readonly run: Run;
}

const nothingPlanned = { aggregates: [], groupedBy: [] };

/**
 * What a lone filter keeps of some traces, and the traces, in one question.
 * @param most Spans. Null is answered when there are more: then the database had better count them.
 */
async function readFullTraces(
  asked: SearchQuestion,
  condition: Expression | null,
  traces: SearchedTraces,
  most: number,
): Promise<FullTraces | null> {
  const columns = await asked.run(wholeTracesSql(asked, condition, traces, most + 1));
  const [isKept = []] = columns;
  if (isKept.length > most) {
    return null;
  }
  const answer = columns.slice(wholeTraceColumns.length);
  const kept = isKept.flatMap((one, row) => (one === true ? [row] : []));
  const ofKept = answer.map((column) => kept.map((row) => column[row] ?? null));
  return {
    rows: readRows(ofKept, asked.mentions, nothingPlanned, asked.options),
    summaries: summarize(splitRange(columns, answer)),
  };
}

/** @param answer The columns of an answer; see search-sql.ts. */
function splitRange(
  [, services = [], hasError = [], isRoot = [], names = []]: readonly DuckDBValue[][],
  answer: readonly DuckDBValue[][],
): ServicePart[] {
  const [traceIds = []] = answer;
  const [spanIds = [], starts = [], durations = []] = answer.slice(6) as bigint[][];
  const parts = new Map<string, ServicePart>();
  for (const [row, id] of traceIds.entries()) {
    const [traceId, name] = [String(id), String(services[row])];
    const startNs = starts[row] ?? 0n;
    const part: ServicePart = {
      traceId,
      service: { name, spanCount: 1, errorCount: Number(hasError[row] === true) },
      startNs,
      endNs: startNs + (durations[row] ?? 0n),
      root:
        isRoot[row] === true
          ? { name: String(names[row]), startNs, spanId: spanIds[row] ?? 0n }
          : null,
    };
    const known = parts.get(`${traceId} ${name}`);
    parts.set(`${traceId} ${name}`, known === undefined ? part : together(known, part));
  }
  return [...parts.values()];
}

function together(one: ServicePart, other: ServicePart): ServicePart {
  const { name, spanCount, errorCount } = one.service;
  return {
    traceId: one.traceId,
    service: {
      name,
      spanCount: spanCount + other.service.spanCount,
      errorCount: errorCount + other.service.errorCount,
    },
    startNs: earlier(one.startNs, other.startNs),
    endNs: later(one.endNs, other.endNs),
    root: [one, other].filter(({ root }) => root !== null).sort(compareRoots)[0]?.root ?? null,
  };
}
