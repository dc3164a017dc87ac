import type { Spanset, Stage } from "#traceql";
import { filterSql } from "./conditions.ts";
import { RowSource } from "./row-source.ts";
import type { Statement } from "./statement.ts";
import { structuralSql } from "./structure.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface SpansetInput {
  readonly statement: Statement;
  readonly vocabulary: Vocabulary;
  /** The spans that an earlier stage kept, or null for all of the store. */
  readonly input: string | null;
  readonly isGrouped: boolean;
  readonly planPipeline: (stages: readonly Stage[]) => { readonly relation: string };
}

/** What each relation of a plan has of a span, besides group_values and aggregate_values. */
const ownColumns =
  "s.rowid AS row_id, s.trace_id, s.span_id, s.parent_id, s.start_ns, s.duration_ns";

/** All of a trace's spans in one spanset again. */
export const ungrouped =
  "CAST([] AS VARCHAR[]) AS group_values, CAST([] AS VARCHAR[]) AS aggregate_values";

/** @returns The name of a relation with the spans that the spanset keeps. */
export function planSpanset(spanset: Spanset, plan: SpansetInput): string {
  const { statement } = plan;
  switch (spanset.type) {
    case "filter": {
      const rows = rowsOf(plan.vocabulary, plan.input);
      const condition = spanset.condition === null ? "true" : filterSql(spanset.condition, rows);
      const groups = plan.input === null ? ungrouped : "kept.group_values, kept.aggregate_values";
      return statement.add(`SELECT ${ownColumns}, ${groups} FROM ${rows.from} WHERE ${condition}`);
    }
    case "combined":
      return planCombined(spanset, plan);
    case "pipeline": {
      const { relation } = plan.planPipeline(spanset.stages);
      return statement.add(`SELECT * REPLACE (${ungrouped}) FROM ${relation}`);
    }
    default:
      return spanset satisfies never;
  }
}

/** The spans of the store, or those that a relation keeps. */
export function rowsOf(vocabulary: Vocabulary, relation: string | null): RowSource {
  return relation === null
    ? new RowSource(vocabulary)
    : new RowSource(
        vocabulary,
        `${relation} kept JOIN spans s ON s.rowid = kept.row_id`,
        `SELECT trace_id FROM ${relation}`,
      );
}

function planCombined(
  { operator, left, right }: Extract<Spanset, { type: "combined" }>,
  plan: SpansetInput,
): string {
  const { statement, isGrouped } = plan;
  const sides = { left: planSpanset(left, plan), right: planSpanset(right, plan) };
  switch (operator.type) {
    case "structural":
      return statement.add(structuralSql(operator, { ...sides, statement, isGrouped }));
    case "or":
      return statement.add(`SELECT * FROM ${sides.left} UNION SELECT * FROM ${sides.right}`);
    case "and":
      return statement.add(
        `${withPartner(sides.left, sides.right, isGrouped)} UNION ${withPartner(sides.right, sides.left, isGrouped)}`,
      );
    default:
      return operator satisfies never;
  }
}

function withPartner(one: string, other: string, isGrouped: boolean): string {
  const sameGroup = isGrouped ? " AND b.group_values IS NOT DISTINCT FROM a.group_values" : "";
  return `SELECT a.* FROM ${one} a SEMI JOIN ${other} b ON b.trace_id = a.trace_id${sameGroup}`;
}
