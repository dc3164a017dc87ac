import type { Cursor } from "./cursor.ts";
import { operatorText, parseExpression } from "./expression-parser.ts";
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

/** @param parseStages What may stand in parentheses: a pipeline, of which a spanset is the shortest. */
export function parseSpanset(cursor: Cursor, parseStages: () => Stage[]): Spanset {
  return cursor.nested(() => parseLevel(cursor, 0, parseStages));
}

function parseLevel(cursor: Cursor, level: number, parseStages: () => Stage[]): Spanset {
  const operators = levels[level];
  if (operators === undefined) {
    return parsePrimary(cursor, parseStages);
  }
  let left = parseLevel(cursor, level + 1, parseStages);
  while (cursor.isOperator(...operators.keys())) {
    const { at } = cursor;
    const operator = operators.get(operatorText(cursor)) as SpansetOperator;
    const right = parseLevel(cursor, level + 1, parseStages);
    left = { type: "combined", operator, left, right, at };
  }
  return left;
}

function parsePrimary(cursor: Cursor, parseStages: () => Stage[]): Spanset {
  const { at } = cursor;
  if (cursor.takeOperator("(")) {
    const stages = cursor.nested(parseStages);
    cursor.expectOperator(")", "after the pipeline");
    const [first] = stages;
    return stages.length === 1 && first?.type === "spanset"
      ? first.spanset
      : { type: "pipeline", stages, at };
  }
  cursor.expectOperator("{", "of a spanset");
  const condition = cursor.isOperator("}") ? null : parseExpression(cursor);
  cursor.expectOperator("}", "after the condition, or an operator");
  return { type: "filter", condition, at };
}
