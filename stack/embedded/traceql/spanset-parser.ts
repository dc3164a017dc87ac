import type { Cursor } from "./cursor.ts";
import { operatorText, parseExpression } from "./expression-parser.ts";
import { QueryError } from "./query-error.ts";
import type { Relation, Spanset, SpansetOperator, Stage } from "./syntax.ts";

const relations = {
  ">": "child",
  ">>": "descendant",
  "<": "parent",
  "<<": "ancestor",
  "~": "sibling",
} as const satisfies Record<string, Relation>;

const structural: ReadonlyMap<string, SpansetOperator> = new Map(
  Object.entries(relations).flatMap(([text, relation]) =>
    (["", "!", "&"] as const).map((prefix): [string, SpansetOperator] => [
      prefix + text,
      { type: "structural", relation, isNegated: prefix === "!", isUnion: prefix === "&" },
    ]),
  ),
);

const logical: ReadonlyMap<string, SpansetOperator> = new Map([
  ["&&", { type: "and" }],
  ["||", { type: "or" }],
]);

/** From the loosest to the tightest; operators of one level bind from the left. */
const levels = [logical, structural];

/** Each is a step of the plan, with a look at all spans. */
export const weightOfSpanset = 5;

interface Context {
  readonly cursor: Cursor;
  /** What may stand in parentheses: a pipeline, of which a spanset is the shortest. */
  readonly parseStages: () => Stage[];
  /** What stood in parentheses. */
  readonly wrapped: WeakSet<Spanset>;
}

/** @param parseStages What may stand in parentheses: a pipeline, of which a spanset is the shortest. */
export function parseSpanset(cursor: Cursor, parseStages: () => Stage[]): Spanset {
  const context = { cursor, parseStages, wrapped: new WeakSet<Spanset>() };
  return cursor.nested(() => parseLevel(context, 0));
}

/** Whether a pipeline of several stages is a part of it. */
export function holdsPipeline(spanset: Spanset): boolean {
  return (
    spanset.type === "pipeline" ||
    (spanset.type === "combined" && (holdsPipeline(spanset.left) || holdsPipeline(spanset.right)))
  );
}

function parseLevel(context: Context, level: number): Spanset {
  const { cursor } = context;
  const operators = levels[level];
  if (operators === undefined) {
    return parsePrimary(context);
  }
  let left = parseLevel(context, level + 1);
  while (cursor.isOperator(...operators.keys())) {
    const { at } = cursor;
    cursor.countPart(weightOfSpanset);
    const operator = operators.get(operatorText(cursor)) as SpansetOperator;
    const right = parseLevel(context, level + 1);
    expectBothWrapped(context, left, right);
    left = { type: "combined", operator, left, right, at };
  }
  return left;
}

/** Beside a pipeline in parentheses, TraceQL wants parentheses around a spanset too. */
function expectBothWrapped({ wrapped }: Context, left: Spanset, right: Spanset): void {
  const sides = [left, right];
  if (sides.some(holdsPipeline)) {
    for (const side of sides) {
      if (!holdsPipeline(side) && !wrapped.has(side)) {
        throw new QueryError("syntax", side.at, "expected parentheses around this spanset too");
      }
    }
  }
}

function parsePrimary({ cursor, parseStages, wrapped }: Context): Spanset {
  const { at } = cursor;
  if (cursor.takeOperator("(")) {
    const stages = cursor.nested(parseStages);
    cursor.expectOperator(")", "after the pipeline");
    const [first] = stages;
    const spanset: Spanset =
      stages.length === 1 && first?.type === "spanset"
        ? first.spanset
        : { type: "pipeline", stages, at };
    wrapped.add(spanset);
    return spanset;
  }
  return parseFilter(cursor);
}

/** `{ … }` alone. */
export function parseFilter(cursor: Cursor): Extract<Spanset, { type: "filter" }> {
  const { at } = cursor;
  cursor.expectOperator("{", "of a spanset");
  const condition = cursor.isOperator("}") ? null : parseExpression(cursor);
  cursor.expectOperator("}", "after the condition, or an operator");
  return { type: "filter", condition, at };
}
