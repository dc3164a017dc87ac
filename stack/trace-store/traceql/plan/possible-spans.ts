import type { Expression, Spanset, Stage } from "#traceql";
import { filterSql } from "./conditions.ts";
import { RowSource } from "./row-source.ts";
import type { Vocabulary } from "./vocabulary.ts";

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
      const conditions = factorsOf(spanset.condition)
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
function factorsOf(condition: Expression | null): Expression[] {
  if (condition === null) {
    return [];
  }
  return condition.type === "binary" && condition.operator === "&&"
    ? [...factorsOf(condition.left), ...factorsOf(condition.right)]
    : [condition];
}

function readsOtherSpans(condition: Expression, vocabulary: Vocabulary): boolean {
  const rows = new RowSource(vocabulary);
  filterSql(condition, rows);
  return rows.readsOtherSpans;
}
