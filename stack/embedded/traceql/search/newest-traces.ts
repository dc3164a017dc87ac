import { possibleSql } from "../plan/possible-spans.ts";
import { RowSource } from "../plan/row-source.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import type { Stage } from "../syntax.ts";
import type { Overlap } from "./time-range.ts";
import type { Run } from "./trace-summaries.ts";

/** Traces that may be in an answer. */
export interface NewestTraces {
  /** As DuckDB writes ids → the start of the newest span that may be kept. The newest first. */
  readonly newestNs: ReadonlyMap<string, bigint>;
  /** No other trace has a span that may be kept and starts after this. Null: no other has any. */
  readonly boundaryNs: bigint | null;
}

/**
 * The traces of the newest spans that the stages might keep: where to look first, because the
 * database finds the newest spans without reading the others.
 * @param spans How many spans are looked at.
 */
export async function readNewestTraces(
  stages: readonly Stage[],
  vocabulary: Vocabulary,
  options: { readonly overlap: Overlap; readonly spans: number },
  run: Run,
): Promise<NewestTraces> {
  const { overlap, spans } = options;
  const rows = new RowSource(vocabulary);
  const possible = possibleSql(stages, rows);
  // A trace that overlaps the range may have kept spans outside of it.
  const conditions =
    overlap === null
      ? [possible]
      : [
          `${overlap.inside} AND ${possible}`,
          `${overlap.outside} AND ${possible} AND s.trace_id IN (SELECT s.trace_id FROM spans s WHERE ${overlap.inside})`,
        ];
  const found: { traceId: string; startNs: bigint }[] = [];
  let boundaryNs: bigint | null = null;
  for (const condition of conditions) {
    const [traceIds = [], starts = []] = await run(
      `SELECT CAST(s.trace_id AS VARCHAR), s.start_ns FROM ${rows.from} WHERE ${condition} ORDER BY s.start_ns DESC LIMIT ${spans}`,
    );
    for (const [row, traceId] of traceIds.entries()) {
      found.push({ traceId: String(traceId), startNs: starts[row] as bigint });
    }
    const last = starts.length < spans ? null : (starts.at(-1) as bigint);
    boundaryNs = last !== null && (boundaryNs === null || last > boundaryNs) ? last : boundaryNs;
  }
  found.sort((one, other) => (one.startNs > other.startNs ? -1 : 1));
  const newestNs = new Map<string, bigint>();
  for (const { traceId, startNs } of found) {
    // At the boundary itself some may be missing.
    if (!newestNs.has(traceId) && (boundaryNs === null || startNs > boundaryNs)) {
      newestNs.set(traceId, startNs);
    }
  }
  return { newestNs, boundaryNs };
}
