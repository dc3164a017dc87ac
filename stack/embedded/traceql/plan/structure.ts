import type { SpansetOperator } from "../syntax.ts";
import type { Statement } from "./statement.ts";

type Structural = Extract<SpansetOperator, { type: "structural" }>;
type Relation = Structural["relation"];

export interface Sides {
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
export function structuralSql(operator: Structural, sides: Sides): string {
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
  const partners = partnersOf(relation, sides);
  const sameGroup = sides.isGrouped
    ? " AND l.group_values IS NOT DISTINCT FROM r.group_values"
    : "";
  return `SELECT r.* FROM ${sides.right} r ${join} JOIN ${partners.from} l ON l.trace_id = r.trace_id AND ${partners.on}${sameGroup}`;
}

function partnersOf(relation: Relation, sides: Sides): { from: string; on: string } {
  switch (relation) {
    case "child":
      return { from: sides.left, on: "l.span_id = r.parent_id AND l.row_id <> r.row_id" };
    case "parent":
      return { from: sides.left, on: "l.parent_id = r.span_id AND l.row_id <> r.row_id" };
    case "sibling":
      return { from: sides.left, on: "l.parent_id = r.parent_id AND l.row_id <> r.row_id" };
    case "descendant":
      return { from: belowSql(sides), on: "l.span_id = r.parent_id" };
    case "ancestor":
      return { from: aboveSql(sides), on: "l.span_id = r.span_id" };
    default:
      return relation satisfies never;
  }
}

/** The ids of the left side and of all that is below it: whose parent is one of these is below it too. */
function belowSql(sides: Sides): string {
  const start = `SELECT trace_id, span_id, group_values FROM ${sides.left}`;
  return reachedSql(sides, start, { from: "parent_id", to: "span_id" });
}

/** The ids of all that is above the left side. */
function aboveSql(sides: Sides): string {
  const start = `SELECT trace_id, parent_id, group_values FROM ${sides.left} WHERE parent_id IS NOT NULL`;
  return reachedSql(sides, start, { from: "span_id", to: "parent_id" });
}

/**
 * Steps from a parent to its children, or back. UNION lets each id be reached once, so cycles of
 * parents end.
 */
function reachedSql(sides: Sides, start: string, step: { from: string; to: string }): string {
  const { statement, left, right } = sides;
  const edges = statement.add(
    `SELECT trace_id, span_id, parent_id FROM spans WHERE parent_id IS NOT NULL AND trace_id IN (SELECT trace_id FROM ${left}) AND trace_id IN (SELECT trace_id FROM ${right})`,
  );
  return statement.addRecursive(
    "trace_id, span_id, group_values",
    (self) =>
      `${start} UNION SELECT e.trace_id, e.${step.to}, reached.group_values FROM ${self} reached JOIN ${edges} e ON e.trace_id = reached.trace_id AND e.${step.from} = reached.span_id`,
  );
}
