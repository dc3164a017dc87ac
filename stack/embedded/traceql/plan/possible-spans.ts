import type { Spanset, Stage } from "../syntax.ts";
import { filterSql } from "./conditions.ts";
import type { RowSource } from "./row-source.ts";

/**
 * A condition that every span fulfils which the stages keep. Others may fulfil it too: what a query
 * asks of the rest of a trace is left out.
 */
export function possibleSql(stages: readonly Stage[], rows: RowSource): string {
  // Later stages only drop spans.
  const [first] = stages;
  return first?.type === "spanset" ? ofSpanset(first.spanset, rows) : "true";
}

function ofSpanset(spanset: Spanset, rows: RowSource): string {
  switch (spanset.type) {
    case "filter":
      return spanset.condition === null ? "true" : filterSql(spanset.condition, rows);
    case "pipeline":
      return possibleSql(spanset.stages, rows);
    case "combined": {
      const { operator, left, right } = spanset;
      const isOfRightAlone = operator.type === "structural" && !operator.isUnion;
      return isOfRightAlone
        ? ofSpanset(right, rows)
        : `(${ofSpanset(left, rows)} OR ${ofSpanset(right, rows)})`;
    }
    default:
      return spanset satisfies never;
  }
}

/** Whether that condition is all that the stages ask. */
export function isLoneFilter(stages: readonly Stage[]): boolean {
  const [first, ...others] = stages;
  return (
    first?.type === "spanset" &&
    first.spanset.type === "filter" &&
    others.every(({ type }) => type === "select")
  );
}
