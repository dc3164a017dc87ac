import type { Expression, Spanset, Stage } from "#traceql";
import { filterSql } from "./conditions.ts";
import { type PlanInput, planPipeline } from "./pipeline.ts";
import { RowSource } from "./row-source.ts";
import { createRowSource } from "./spansets.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Spans to be read with any of their fields. */
interface KeptRows {
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
    return {
      rows: createRowSource(vocabulary, planPipeline(stages, input).relation),
      where: "true",
    };
  }
  const condition = loneFilter(stages)?.condition ?? null;
  if (condition === null) {
    return { rows: new RowSource(vocabulary), where };
  }
  // What is asked of their traces is asked of no other traces.
  const rows = new RowSource(vocabulary, "spans s", own.select("s.trace_id", `WHERE ${where}`));
  return { rows, where: filterSql(condition, rows) };
}

/** The spans that a query might keep, told by themselves alone. */
export interface PossibleSpans {
  readonly rows: RowSource;
  /** Every span that is kept fulfils this. */
  readonly where: string;
  /** Every span that fulfils it is kept. */
  readonly isExact: boolean;
}

/** What a query asks of the other spans of a trace is left out. */
export function possibleSpans(stages: readonly Stage[], vocabulary: Vocabulary): PossibleSpans {
  const rows = new RowSource(vocabulary);
  const lone = loneFilter(stages);
  if (lone !== undefined) {
    const where = lone.condition === null ? "true" : filterSql(lone.condition, rows);
    if (!rows.readsOtherSpans) {
      return { rows, where, isExact: true };
    }
  }
  const own = new RowSource(vocabulary);
  return { rows: own, where: ofStages(stages, own, vocabulary), isExact: false };
}

/** The filter that is all of the query, if it is. */
export function loneFilter(
  stages: readonly Stage[],
): Extract<Spanset, { type: "filter" }> | undefined {
  const [first, ...others] = stages;
  const isLone =
    first?.type === "spanset" &&
    first.spanset.type === "filter" &&
    others.every(({ type }) => type === "select");
  return isLone ? first.spanset : undefined;
}

/** Later stages only drop spans. */
function ofStages([first]: readonly Stage[], rows: RowSource, vocabulary: Vocabulary): string {
  return first?.type === "spanset" ? ofSpanset(first.spanset, rows, vocabulary) : "true";
}

function ofSpanset(spanset: Spanset, rows: RowSource, vocabulary: Vocabulary): string {
  switch (spanset.type) {
    case "filter": {
      const conditions = splitConjuncts(spanset.condition)
        .filter((factor) => !readsOtherSpans(factor, vocabulary))
        .map((factor) => filterSql(factor, rows));
      return conditions.length === 0 ? "true" : `(${conditions.join(" AND ")})`;
    }
    case "pipeline":
      return ofStages(spanset.stages, rows, vocabulary);
    case "combined": {
      const { operator, left, right } = spanset;
      const sides = operator.type === "structural" && !operator.isUnion ? [right] : [left, right];
      return `(${sides.map((side) => ofSpanset(side, rows, vocabulary)).join(" OR ")})`;
    }
    default:
      return spanset satisfies never;
  }
}

/** What must all be true. */
function splitConjuncts(condition: Expression | null): Expression[] {
  if (condition === null) {
    return [];
  }
  return condition.type === "binary" && condition.operator === "&&"
    ? [...splitConjuncts(condition.left), ...splitConjuncts(condition.right)]
    : [condition];
}

function readsOtherSpans(condition: Expression, vocabulary: Vocabulary): boolean {
  const rows = new RowSource(vocabulary);
  filterSql(condition, rows);
  return rows.readsOtherSpans;
}
