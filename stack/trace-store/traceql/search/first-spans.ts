import type { DuckDBValue } from "@duckdb/node-api";

export interface SpansetLimits {
  /** Traces. */
  readonly limit: number;
  readonly spansPerSpanset: number;
}

/** Of each row of an answer, by columns. */
interface RowKeys {
  readonly traceIds: readonly DuckDBValue[];
  /** The values of `by`, as JSON. */
  readonly groups: readonly DuckDBValue[];
  /** The start of the trace's newest span in the answer; null: it is to be found among the rows. */
  readonly newest: readonly DuckDBValue[];
  /** How many spans the spanset has in the answer; null: as many as there are rows of it. */
  readonly matched: readonly DuckDBValue[];
  readonly rowIds: readonly DuckDBValue[];
  readonly spanIds: readonly DuckDBValue[];
  readonly starts: readonly DuckDBValue[];
}

interface FirstSpan {
  readonly row: number;
  readonly newestNs: bigint;
  readonly matched: number;
}

/** @param columns The answer of search-sql.ts. */
export function readKeys(columns: readonly DuckDBValue[][]): RowKeys {
  const [traceIds = [], groups = [], , newest = [], matched = []] = columns;
  const [rowIds = [], spanIds = [], starts = []] = columns.slice(5);
  return { traceIds, groups, newest, matched, rowIds, spanIds, starts };
}

/**
 * The first spans of each spanset, of the newest traces. Done here because the database needs longer
 * to prepare for ranking a few hundred rows than this takes.
 */
export function firstSpans(keys: RowKeys, { limit, spansPerSpanset }: SpansetLimits): FirstSpan[] {
  const rows = keys.traceIds.map((_, row) => row);
  const traces = [...Map.groupBy(rows, (row) => String(keys.traceIds[row]))];
  return traces
    .map(([traceId, ofTrace]) => ({ traceId, ofTrace, newestNs: getNewest(ofTrace, keys) }))
    .sort(
      (one, other) => compare(other.newestNs, one.newestNs) || compare(one.traceId, other.traceId),
    )
    .slice(0, limit)
    .flatMap(({ ofTrace, newestNs }) =>
      groupSpansets(ofTrace, keys).flatMap((ofSpanset) =>
        ofSpanset.slice(0, spansPerSpanset).map((row) => ({
          row,
          newestNs,
          matched: Number(keys.matched[row] ?? ofSpanset.length),
        })),
      ),
    );
}

function getNewest(rows: readonly number[], { newest, starts }: RowKeys): bigint {
  return rows.map((row) => (newest[row] ?? starts[row]) as bigint).reduce(later);
}

/** The rows of one trace by spansets, the spans of each in their order. */
function groupSpansets(rows: readonly number[], keys: RowKeys): number[][] {
  const { groups, starts, spanIds, rowIds } = keys;
  return [...Map.groupBy(rows, (row) => String(groups[row]))]
    .sort(([one], [other]) => compare(one, other))
    .map(([, ofSpanset]) =>
      ofSpanset.sort(
        (one, other) =>
          compare(starts[one] as bigint, starts[other] as bigint) ||
          compare(spanIds[one] as bigint, spanIds[other] as bigint) ||
          compare(rowIds[one] as bigint, rowIds[other] as bigint),
      ),
    );
}

/** For `sort`: bigints by size, texts by their code units. */
export function compare<Value extends bigint | string>(one: Value, other: Value): number {
  return one < other ? -1 : Number(one > other);
}

export function earlier(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

export function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
