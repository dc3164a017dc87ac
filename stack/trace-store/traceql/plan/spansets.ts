import type { Spanset, SpansetOperator, Stage } from "#traceql";
import { filterSql } from "./conditions.ts";
import { RowSource } from "./row-source.ts";
import type { Statement } from "./statement.ts";
import type { Vocabulary } from "./vocabulary.ts";

interface SpansetInput {
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
      const rows = createRowSource(plan.vocabulary, plan.input);
      const condition = spanset.condition === null ? "true" : filterSql(spanset.condition, rows);
      const groups = plan.input === null ? ungrouped : "kept.group_values, kept.aggregate_values";
      return statement.add(rows.select(`${ownColumns}, ${groups}`, `WHERE ${condition}`));
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
export function createRowSource(vocabulary: Vocabulary, relation: string | null): RowSource {
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

type Structural = Extract<SpansetOperator, { type: "structural" }>;
type Relation = Structural["relation"];

interface Sides {
  readonly statement: Statement;
  /** Names of relations with trace_id, span_id, parent_id, row_id and group_values. */
  readonly left: string;
  readonly right: string;
  /** Partners are of one group too. */
  readonly isGrouped: boolean;
}

const opposite = {
  child: "parent",
  parent: "child",
  descendant: "ancestor",
  ancestor: "descendant",
  sibling: "sibling",
} as const satisfies Record<Relation, Relation>;

/** The spans that a structural operator keeps, as a SELECT. */
function structuralSql(operator: Structural, sides: Sides): string {
  const { left, right } = sides;
  const { relation, isNegated, isUnion } = operator;
  const ofRight = relatedSql(relation, sides, isNegated ? "ANTI" : "SEMI");
  if (!isUnion) {
    return ofRight;
  }
  const turned = { ...sides, left: right, right: left };
  return `${ofRight} UNION ${relatedSql(opposite[relation], turned, "SEMI")}`;
}

/** The rows of the right side that have, or have not, a span of the left side that they are the relation of. */
function relatedSql(relation: Relation, sides: Sides, join: "SEMI" | "ANTI"): string {
  const partners = joinPartners(relation, sides);
  const sameGroup = sides.isGrouped ? ` AND ${isSameGroup}` : "";
  return `SELECT r.* FROM ${sides.right} r ${join} JOIN ${partners.from} l ON l.trace_id = r.trace_id AND ${partners.on}${sameGroup}`;
}

/** No span is its own child, also where it names itself as its parent. */
const isOther = "l.row_id <> r.row_id";
const isSame = "l.row_id = r.row_id";
const isSameGroup = "l.group_values IS NOT DISTINCT FROM r.group_values";

function joinPartners(relation: Relation, sides: Sides): { from: string; on: string } {
  switch (relation) {
    case "child":
      return { from: sides.left, on: `l.span_id = r.parent_id AND ${isOther}` };
    case "parent":
      return { from: sides.left, on: `l.parent_id = r.span_id AND ${isOther}` };
    case "sibling":
      return { from: sides.left, on: `l.parent_id = r.parent_id AND ${isOther}` };
    case "descendant":
      return { from: connected(sides, "c.rowid AS row_id, p.rowid AS step"), on: isSame };
    case "ancestor":
      return { from: connected(sides, "p.rowid AS row_id, c.rowid AS step"), on: isSame };
    default:
      return relation satisfies never;
  }
}

/**
 * The spans that a path of steps leads from to a span of the left side, with its group. The paths are
 * made twice as long in each round, so that a chain of n spans needs log n rounds, and cycles of
 * parents end too. A row with a step says where a path of that length ends; one without, that a span
 * of the left side is on it.
 * @param step From a child `c` to its parent `p`, or from the parent to the child.
 */
function connected({ statement, left, right, isGrouped }: Sides, step: string): string {
  // A path is followed for each group that is on it: not for those in which a span is alone.
  const from = isGrouped
    ? `(SELECT l.* FROM ${left} l SEMI JOIN ${right} r ON l.trace_id = r.trace_id AND ${isOther} AND ${isSameGroup})`
    : left;
  const steps = statement.add(
    `SELECT c.trace_id, ${step}, ceil(log2(count(*) OVER (PARTITION BY c.trace_id) + 1)) AS rounds FROM spans c JOIN spans p ON p.trace_id = c.trace_id AND p.span_id = c.parent_id AND p.rowid <> c.rowid WHERE c.trace_id IN (SELECT trace_id FROM ${left}) AND c.trace_id IN (SELECT trace_id FROM ${right})`,
  );
  const paths = statement.addRecursive(
    "trace_id, row_id, step, group_values, round, rounds",
    (self) =>
      `SELECT DISTINCT * FROM (SELECT trace_id, row_id, step, CAST(NULL AS VARCHAR[]), 0, rounds FROM ${steps} UNION ALL SELECT e.trace_id, e.row_id, NULL, l.group_values, 0, e.rounds FROM ${steps} e JOIN ${from} l ON l.row_id = e.step) UNION ALL SELECT DISTINCT trace_id, row_id, step, group_values, round + 1, rounds FROM (SELECT one.trace_id, one.row_id, next.step, next.group_values, one.round, one.rounds FROM ${self} one JOIN ${self} next ON next.row_id = one.step UNION ALL SELECT * FROM ${self} WHERE step IS NULL) WHERE round < rounds`,
  );
  return statement.add(
    `SELECT trace_id, row_id, group_values FROM ${paths} WHERE step IS NULL AND round = rounds`,
  );
}
