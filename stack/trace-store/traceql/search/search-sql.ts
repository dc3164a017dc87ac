import type { Expression, Stage } from "#traceql";
import { filterSql } from "../plan/conditions.ts";
import { type PlannedPipeline, planPipeline, tagged } from "../plan/pipeline.ts";
import { RowSource } from "../plan/row-source.ts";
import { createRowSource } from "../plan/spansets.ts";
import { Statement } from "../plan/statement.ts";
import { toFirstMembers } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import type { SpansetLimits } from "./first-spans.ts";
import type { Mention } from "./mentioned-fields.ts";
import type { Overlap } from "./time-range.ts";

export interface SearchPlan {
  /** A row for each span that the answer shows, and maybe more: `fixedColumns`, then the mentions. */
  readonly sql: string;
  readonly planned: Pick<PlannedPipeline, "aggregates" | "groupedBy">;
}

/** The first columns of an answer; see `answerColumns`. */
export const fixedColumns = 9;

/** What is searched for. */
export interface Searched {
  readonly stages: readonly Stage[];
  readonly mentions: readonly Mention[];
  readonly vocabulary: Vocabulary;
}

/** Traces of which all spans are looked at. */
export interface SearchedTraces {
  /** As DuckDB writes a list of ids. */
  readonly ids: string;
  /** A condition on `spans s` that holds for all of their spans. */
  readonly where: string;
}

interface RankedTraces {
  readonly traces: SearchedTraces | null;
  readonly overlap: Overlap | null;
  readonly isMostRecent: boolean;
}

/**
 * The spans of the newest traces of which the stages keep any, as many of each spanset as are shown.
 * @param traces Null: all.
 * @param overlap A trace counts when one of its spans fulfils this; null: each does.
 * @param isMostRecent Whether the traces that start last are the newest, and not those of the newest spans kept.
 * @throws QueryError for what cannot be planned.
 */
export function rankedSql(
  searched: Searched,
  { limit, spansPerSpanset }: SpansetLimits,
  { traces, overlap, isMostRecent }: RankedTraces,
): SearchPlan {
  const { stages, vocabulary } = searched;
  const statement = statementOver(traces, vocabulary);
  const planned = planPipeline(stages, { statement, vocabulary });
  const { relation } = planned;
  const kept = `FROM ${relation} m ${overlapSql(relation, overlap)}`;
  const newest = statement.add(
    isMostRecent
      ? `SELECT s.trace_id, min(s.start_ns) AS newest_ns FROM spans s WHERE s.trace_id IN (SELECT m.trace_id ${kept}) GROUP BY s.trace_id ORDER BY newest_ns DESC, s.trace_id DESC LIMIT ${limit}`
      : `SELECT trace_id, max(start_ns) AS newest_ns ${kept} GROUP BY trace_id ORDER BY newest_ns DESC, trace_id LIMIT ${limit}`,
  );
  const ranked = statement.add(
    `SELECT m.*, newest_ns, row_number() OVER (PARTITION BY trace_id, group_values ORDER BY start_ns, span_id, row_id) AS rank, count(*) OVER (PARTITION BY trace_id, group_values) AS matched_count FROM ${relation} m JOIN ${newest} USING (trace_id)`,
  );
  const rows = createRowSource(vocabulary, ranked);
  const columns = answerColumns(searched.mentions, rows, {
    lists: listsOfKept,
    counts: ["kept.newest_ns", "kept.matched_count"],
  });
  const sql = rows.select(columns, `WHERE kept.rank <= ${spansPerSpanset}`);
  return { sql: statement.select(sql), planned };
}

/**
 * All spans that the stages keep of some traces: quicker than ranking where they are few.
 * @param most Of the rows.
 */
export function unrankedSql(searched: Searched, traces: SearchedTraces, most: number): SearchPlan {
  const { stages, mentions, vocabulary } = searched;
  const statement = statementOver(traces, vocabulary);
  const planned = planPipeline(stages, { statement, vocabulary });
  const rows = createRowSource(vocabulary, planned.relation);
  const columns = answerColumns(mentions, rows, { lists: listsOfKept, counts: notCounted });
  return {
    sql: statement.select(rows.select(columns, `LIMIT ${most}`)),
    planned,
  };
}

/** What a row of `wholeTracesSql` has before the columns of an answer. */
export const wholeTraceColumns = ["is_kept", "service", "has_error", "is_root", "name"] as const;

/**
 * All spans of some traces, those too that a lone filter does not keep: so the traces' summaries
 * need no question of their own.
 * @param most Of the rows.
 */
export function wholeTracesSql(
  { mentions, vocabulary }: Searched,
  condition: Expression | null,
  traces: SearchedTraces,
  most: number,
): string {
  const rows = new RowSource(vocabulary, "spans s", traces.ids);
  const isKept = condition === null ? "true" : filterSql(condition, rows);
  const columns = answerColumns(mentions, rows, { lists: ["'[]'", "'[]'"], counts: notCounted });
  return rows.select(
    `${isKept}, coalesce(s.service, ''), s.status = 2, s.parent_id IS NULL, s.name, ${columns}`,
    `WHERE ${traces.where} LIMIT ${most}`,
  );
}

const listsOfKept = ["to_json(kept.group_values)", "to_json(kept.aggregate_values)"] as const;
const notCounted = ["NULL", "NULL"] as const;

/**
 * @param known The values of groups and aggregates as JSON; the start of the trace's newest span and
 *   the number of the spanset's spans.
 */
function answerColumns(
  mentions: readonly Mention[],
  rows: RowSource,
  known: { lists: readonly [string, string]; counts: readonly [string, string] },
): string {
  const values = mentions.map(({ field, at }) => tagged(toFirstMembers(rows.valueOf(field, at))));
  return [
    "CAST(s.trace_id AS VARCHAR)",
    ...known.lists,
    ...known.counts,
    "s.rowid",
    "s.span_id",
    "s.start_ns",
    "s.duration_ns",
    ...values,
  ].join(", ");
}

function statementOver(traces: SearchedTraces | null, { columns }: Vocabulary): Statement {
  const statement = new Statement();
  if (traces !== null) {
    statement.narrowSpans(traces.where, columns);
  }
  return statement;
}

function overlapSql(relation: string, overlap: Overlap | null): string {
  return overlap === null
    ? ""
    : `SEMI JOIN (SELECT s.trace_id FROM spans s WHERE ${overlap.inside} AND s.trace_id IN (SELECT trace_id FROM ${relation})) inside USING (trace_id)`;
}
