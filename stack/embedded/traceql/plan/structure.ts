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

/** No span is its own child, also where it names itself as its parent. */
const isOther = "l.row_id <> r.row_id";

function partnersOf(relation: Relation, sides: Sides): { from: string; on: string } {
  switch (relation) {
    case "child":
      return { from: sides.left, on: `l.span_id = r.parent_id AND ${isOther}` };
    case "parent":
      return { from: sides.left, on: `l.parent_id = r.span_id AND ${isOther}` };
    case "sibling":
      return { from: sides.left, on: `l.parent_id = r.parent_id AND ${isOther}` };
    case "descendant":
      return { from: belowSql(sides), on: `l.span_id = r.parent_id AND ${isOther}` };
    case "ancestor":
      return { from: aboveSql(sides), on: `l.parent_id = r.span_id AND ${isOther}` };
    default:
      return relation satisfies never;
  }
}

/** The left side and all that is below it: what is a child of one of these is below it too. */
function belowSql(sides: Sides): string {
  return reachedSql(sides, "e.parent_id = reached.span_id");
}

/** The left side and all that is above it: what is the parent of one of these is above it too. */
function aboveSql(sides: Sides): string {
  return reachedSql(sides, "e.span_id = reached.parent_id");
}

/** Step by step to others. UNION lets each span be reached once, so cycles of parents end. */
function reachedSql({ statement, left, right }: Sides, step: string): string {
  const edges = statement.add(
    `SELECT rowid AS row_id, trace_id, span_id, parent_id FROM spans WHERE trace_id IN (SELECT trace_id FROM ${left}) AND trace_id IN (SELECT trace_id FROM ${right})`,
  );
  return statement.addRecursive(
    "trace_id, row_id, span_id, parent_id, group_values",
    (self) =>
      `SELECT trace_id, row_id, span_id, parent_id, group_values FROM ${left} UNION SELECT e.trace_id, e.row_id, e.span_id, e.parent_id, reached.group_values FROM ${self} reached JOIN ${edges} e ON e.trace_id = reached.trace_id AND ${step} AND e.row_id <> reached.row_id`,
  );
}
