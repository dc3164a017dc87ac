import type { Stage } from "#traceql";
import { filterSql } from "./conditions.ts";
import { type PlanInput, planPipeline } from "./pipeline.ts";
import { loneFilter, possibleSpans } from "./possible-spans.ts";
import { RowSource } from "./row-source.ts";
import { rowsOf } from "./spansets.ts";

/** Spans to be read with any of their fields. */
export interface KeptRows {
  readonly rows: RowSource;
  /** Holds for those that are meant. */
  readonly where: string;
}

/**
 * The spans that the stages keep. A lone filter becomes a condition on the table, which so is read
 * once and only in part; anything longer leaves a relation behind.
 */
export function keptRows(stages: readonly Stage[], input: PlanInput): KeptRows {
  const { vocabulary } = input;
  const { rows: own, where, isExact } = possibleSpans(stages, vocabulary);
  if (!isExact) {
    return { rows: rowsOf(vocabulary, planPipeline(stages, input).relation), where: "true" };
  }
  const condition = loneFilter(stages)?.condition ?? null;
  if (condition === null) {
    return { rows: new RowSource(vocabulary), where };
  }
  // What is asked of their traces is asked of no other traces.
  const rows = new RowSource(
    vocabulary,
    "spans s",
    `SELECT s.trace_id FROM ${own.from} WHERE ${where}`,
  );
  return { rows, where: filterSql(condition, rows) };
}
