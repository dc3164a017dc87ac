import { type PlannedPipeline, planPipeline, tagged } from "../plan/pipeline.ts";
import { rowsOf } from "../plan/spansets.ts";
import { Statement } from "../plan/statement.ts";
import { wholeOf } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import type { Stage } from "../syntax.ts";
import type { Mention } from "./mentioned-fields.ts";
import type { Overlap } from "./time-range.ts";

export interface SearchPlan {
  /** A row for each span that the answer shows: `fixedColumns`, then the mentions. */
  readonly sql: string;
  readonly planned: PlannedPipeline;
}

/** The first columns of an answer; see `searchSql`. */
export const fixedColumns = 8;

export interface SearchScope {
  /** Traces at most. */
  readonly limit: number;
  readonly spansPerSpanset: number;
  /** A condition for the spans of the traces that are looked at; null: all are. */
  readonly where: string | null;
  /** A trace counts when one of its spans fulfils this; null: each does. */
  readonly overlap: Overlap | null;
}

/** The newest traces of which the stages keep spans. @throws QueryError for what cannot be planned. */
export function searchSql(
  stages: readonly Stage[],
  mentions: readonly Mention[],
  vocabulary: Vocabulary,
  { limit, spansPerSpanset, where, overlap }: SearchScope,
): SearchPlan {
  const statement = new Statement();
  if (where !== null) {
    statement.narrowSpans(where);
  }
  const planned = planPipeline(stages, { statement, vocabulary });
  const { relation } = planned;
  const newest = statement.add(
    `SELECT trace_id, max(start_ns) AS newest_ns FROM ${relation} m ${overlapSql(relation, overlap)} GROUP BY trace_id ORDER BY newest_ns DESC, trace_id LIMIT ${limit}`,
  );
  const ranked = statement.add(
    `SELECT m.*, newest_ns, row_number() OVER (PARTITION BY trace_id, group_values ORDER BY start_ns, span_id, row_id) AS rank, count(*) OVER (PARTITION BY trace_id, group_values) AS matched_count FROM ${relation} m JOIN ${newest} USING (trace_id)`,
  );
  const rows = rowsOf(vocabulary, ranked);
  const values = mentions.map(({ field, at }) => tagged(wholeOf(rows.valueOf(field, at))));
  const columns = [
    "CAST(kept.trace_id AS VARCHAR)",
    "to_json(kept.group_values)",
    "kept.newest_ns",
    "to_json(kept.aggregate_values)",
    "kept.matched_count",
    "s.span_id",
    "s.start_ns",
    "s.duration_ns",
    ...values,
  ];
  const sql = `SELECT ${columns.join(", ")} FROM ${rows.from} WHERE kept.rank <= ${spansPerSpanset} ORDER BY 1, 2, s.start_ns, s.span_id`;
  return { sql: statement.select(sql), planned };
}

function overlapSql(relation: string, overlap: Overlap | null): string {
  return overlap === null
    ? ""
    : `SEMI JOIN (SELECT s.trace_id FROM spans s WHERE ${overlap.inside} AND s.trace_id IN (SELECT trace_id FROM ${relation})) inside USING (trace_id)`;
}
