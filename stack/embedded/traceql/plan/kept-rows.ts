import type { Stage } from "../syntax.ts";
import { type PlanInput, planPipeline } from "./pipeline.ts";
import { isLoneFilter, possibleSql } from "./possible-spans.ts";
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
  if (!isLoneFilter(stages)) {
    return { rows: rowsOf(vocabulary, planPipeline(stages, input).relation), where: "true" };
  }
  const rows = new RowSource(vocabulary);
  return { rows, where: possibleSql(stages, rows) };
}
