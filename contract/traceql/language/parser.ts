import { checkTypes } from "./check-types.ts";
import { Cursor } from "./cursor.ts";
import {
  expectCount,
  expectField,
  expectLiteral,
  operatorText,
  parseExpression,
  takeField,
} from "./expressions.ts";
import { QueryError } from "./query-error.ts";
import type { Token } from "./scanner.ts";
import {
  type AggregateFunction,
  type CompareArguments,
  type ComparisonOperator,
  type Field,
  type Hint,
  holdsPipeline,
  type Literal,
  type MetricsStage,
  type Query,
  type Relation,
  relationText,
  type Scalar,
  type ScalarFilter,
  type SeriesStage,
  type Spanset,
  type SpansetOperator,
  type Stage,
} from "./syntax.ts";

/**
 * Reads TraceQL and checks that its parts fit together.
 * @throws QueryError with line, column and what was expected.
 */
export function parseQuery(text: string): Query {
  const cursor = new Cursor(text);
  const stages = parseStages(cursor);
  let metrics: MetricsStage | null = null;
  const seriesStages: SeriesStage[] = [];
  if (cursor.isWord(...metricsWords)) {
    metrics = parseMetrics(cursor);
    parseSeriesStages(cursor, seriesStages);
    if (metrics.compare !== null && seriesStages[0] !== undefined) {
      throw new QueryError("type", seriesStages[0].at, "nothing follows compare()");
    }
  }
  const hints = parseHints(cursor);
  if (cursor.token.type !== "end") {
    cursor.fail('"|" and another stage, or the end');
  }
  const query = { stages, metrics, seriesStages, hints };
  checkTypes(query);
  return query;
}

/** The field that the whole text names, or undefined when it names none. */
export function parseField(text: string): Field | undefined {
  const cursor = new Cursor(text);
  const field = takeField(cursor);
  return cursor.token.type === "end" ? field : undefined;
}

/** Stages with bars between them. Ends behind the bar before a metrics function. */
function parseStages(cursor: Cursor): Stage[] {
  const stages = parseFirst(cursor);
  const isWhole = stages.some(isOfPipelines);
  while (cursor.isOperator("|")) {
    if (isWhole) {
      return cursor.fail("the end, because nothing takes what pipelines in parentheses leave");
    }
    cursor.advance();
    if (cursor.isWord(...metricsWords)) {
      break;
    }
    cursor.countPart(weightOfSpanset);
    const { at } = cursor;
    const stage = parseStage(cursor);
    if (isOfPipelines(stage)) {
      throw new QueryError("syntax", at, "pipelines in parentheses stand at the beginning only");
    }
    stages.push(stage);
  }
  return stages;
}

function isOfPipelines(stage: Stage): boolean {
  return stage.type === "spanset" && holdsPipeline(stage.spanset);
}

/** What begins without a spanset, as `count() > 10`, is about all spans. */
function parseFirst(cursor: Cursor): Stage[] {
  const { at } = cursor;
  if (cursor.isWord("coalesce")) {
    return cursor.fail("something to put together before coalesce()");
  }
  const first = parseStage(cursor);
  return first.type === "spanset"
    ? [first]
    : [{ type: "spanset", spanset: { type: "filter", condition: null, at } }, first];
}

function parseStage(cursor: Cursor): Stage {
  const { at } = cursor;
  if (beginsScalar(cursor)) {
    return parseScalarFilter(cursor);
  }
  if (cursor.isOperator("{", "(")) {
    return { type: "spanset", spanset: parseSpanset(cursor, () => parseInner(cursor)) };
  }
  if (cursor.isWord("by")) {
    cursor.advance();
    cursor.expectOperator("(", "after by");
    const expression = parseExpression(cursor);
    cursor.expectOperator(")", "because this by takes one expression");
    return { type: "by", expression, at };
  }
  if (cursor.isWord("select")) {
    cursor.advance();
    cursor.expectOperator("(", "after select");
    const fields = cursor.list(() => expectField(cursor));
    cursor.expectOperator(")", "after the fields");
    return { type: "select", fields, at };
  }
  if (cursor.isWord("coalesce")) {
    cursor.advance();
    cursor.expectOperator("(", "after coalesce");
    cursor.expectOperator(")", "because coalesce takes nothing");
    return { type: "coalesce", at };
  }
  return cursor.fail(
    "a stage: { … }, by(), select(), coalesce(), an aggregate or a metrics function",
  );
}

/** A pipeline in parentheses, where no series can be. */
function parseInner(cursor: Cursor): Stage[] {
  const stages = parseStages(cursor);
  if (cursor.isWord(...metricsWords)) {
    throw new QueryError(
      "syntax",
      cursor.at,
      "a metrics function stands at the end of a query only",
    );
  }
  return stages;
}

function parseSeriesStages(cursor: Cursor, seriesStages: SeriesStage[]): void {
  for (;;) {
    const threshold = parseThreshold(cursor);
    if (threshold !== undefined) {
      seriesStages.push(threshold);
    } else if (!cursor.takeOperator("|")) {
      return;
    } else if (cursor.isWord("topk", "bottomk")) {
      seriesStages.push(parseTop(cursor));
    } else {
      cursor.fail("topk or bottomk");
    }
  }
}

function parseHints(cursor: Cursor): Hint[] {
  if (!cursor.isWord("with")) {
    return [];
  }
  cursor.advance();
  cursor.expectOperator("(", "after with");
  const hints = cursor.list(() => {
    const { token } = cursor;
    if (token.type !== "word") {
      return cursor.fail("the name of a hint");
    }
    cursor.advance();
    cursor.expectOperator("=", "after the name of the hint");
    return { name: token.text, value: expectLiteral(cursor, "the value of the hint") };
  });
  cursor.expectOperator(")", "after the hints");
  return hints;
}

const structural: ReadonlyMap<string, SpansetOperator> = new Map(
  Object.entries(relationText).flatMap(([relation, text]) =>
    (["", "!", "&"] as const).map((prefix): [string, SpansetOperator] => [
      prefix + text,
      {
        type: "structural",
        relation: relation as Relation,
        isNegated: prefix === "!",
        isUnion: prefix === "&",
      },
    ]),
  ),
);

const logical: ReadonlyMap<string, SpansetOperator> = new Map([
  ["&&", { type: "and" }],
  ["||", { type: "or" }],
]);

/** From the loosest to the tightest; operators of one level bind from the left. */
const spansetLevels = [logical, structural];

/** Each is a step of the plan, with a look at all spans. */
const weightOfSpanset = 5;

interface SpansetContext {
  readonly cursor: Cursor;
  /** What may stand in parentheses: a pipeline, of which a spanset is the shortest. */
  readonly parseStages: () => Stage[];
  /** What stood in parentheses. */
  readonly wrapped: WeakSet<Spanset>;
}

/** @param parseStages What may stand in parentheses: a pipeline, of which a spanset is the shortest. */
function parseSpanset(cursor: Cursor, parseStages: () => Stage[]): Spanset {
  const context = { cursor, parseStages, wrapped: new WeakSet<Spanset>() };
  return cursor.nested(() => parseSpansetLevel(context, 0));
}

function parseSpansetLevel(context: SpansetContext, level: number): Spanset {
  const { cursor } = context;
  const operators = spansetLevels[level];
  if (operators === undefined) {
    return parseSpansetPrimary(context);
  }
  let left = parseSpansetLevel(context, level + 1);
  while (cursor.isOperator(...operators.keys())) {
    const { at } = cursor;
    cursor.countPart(weightOfSpanset);
    const operator = operators.get(operatorText(cursor)) as SpansetOperator;
    const right = parseSpansetLevel(context, level + 1);
    expectBothWrapped(context, left, right);
    left = { type: "combined", operator, left, right, at };
  }
  return left;
}

/** Beside a pipeline in parentheses, TraceQL wants parentheses around a spanset too. */
function expectBothWrapped({ wrapped }: SpansetContext, left: Spanset, right: Spanset): void {
  const sides = [left, right];
  if (sides.some(holdsPipeline)) {
    for (const side of sides) {
      if (!holdsPipeline(side) && !wrapped.has(side)) {
        throw new QueryError("syntax", side.at, "expected parentheses around this spanset too");
      }
    }
  }
}

function parseSpansetPrimary({ cursor, parseStages, wrapped }: SpansetContext): Spanset {
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
function parseFilter(cursor: Cursor): Extract<Spanset, { type: "filter" }> {
  const { at } = cursor;
  cursor.expectOperator("{", "of a spanset");
  const condition = cursor.isOperator("}") ? null : parseExpression(cursor);
  cursor.expectOperator("}", "after the condition, or an operator");
  return { type: "filter", condition, at };
}

const aggregates: readonly AggregateFunction[] = ["count", "min", "max", "avg", "sum"];
const comparisons: readonly ComparisonOperator[] = ["=", "!=", "<", "<=", ">", ">="];

/** Whether a scalar filter begins here, and not a spanset or a pipeline in parentheses. */
function beginsScalar(cursor: Cursor): boolean {
  let ahead = 0;
  while (isOneOf(cursor.peek(ahead), "(", "-")) {
    ahead += 1;
  }
  const token = cursor.peek(ahead);
  const isScalar = isFunction(token) || token.type === "literal" || isNamedNumber(token);
  return isScalar && !comparesInParentheses(cursor);
}

/** `(count() > 2)` is a pipeline, `(count()) > 2` a comparison of what is in the parentheses. */
function comparesInParentheses(cursor: Cursor): boolean {
  let depth = 0;
  for (let ahead = 0; ; ahead += 1) {
    const token = cursor.peek(ahead);
    if (isFunction(token)) {
      ahead = findCallEnd(cursor, ahead);
    } else if (isOneOf(token, "(")) {
      depth += 1;
    } else if (isOneOf(token, ")")) {
      depth -= 1;
    }
    if (token.type === "end" || isOneOf(token, ...comparisons)) {
      return depth > 0;
    }
    if (depth === 0 && !isOneOf(token, "-")) {
      return false;
    }
  }
}

/** Where the parenthesis behind a function's name is closed again. */
function findCallEnd(cursor: Cursor, name: number): number {
  let depth = 0;
  for (let ahead = name + 1; ; ahead += 1) {
    const token = cursor.peek(ahead);
    depth += isOneOf(token, "(") ? 1 : isOneOf(token, ")") ? -1 : 0;
    if (depth <= 0 || token.type === "end") {
      return ahead;
    }
  }
}

function isOneOf(token: Token, ...texts: string[]): boolean {
  return token.type === "operator" && texts.includes(token.text);
}

function isFunction(token: Token): boolean {
  return token.type === "word" && aggregates.some((name) => name === token.text);
}

function isNamedNumber(token: Token): boolean {
  return token.type === "word" && (token.text === "minInt" || token.text === "maxInt");
}

/** `avg(duration) > 1s`. */
function parseScalarFilter(cursor: Cursor): ScalarFilter {
  const left = parseScalar(cursor);
  const { at } = cursor;
  if (cursor.isOperator(")")) {
    throw new QueryError("unsupported", cursor.at, "a pipeline as one side of a comparison");
  }
  if (!cursor.isOperator(...comparisons)) {
    return cursor.fail("a comparison of this number, as in count() > 2");
  }
  const operator = operatorText(cursor) as ComparisonOperator;
  const right = parseScalar(cursor);
  if (left.type === right.type) {
    throw new QueryError(
      "unsupported",
      at,
      "a comparison of anything but an aggregate and a value",
    );
  }
  return { type: "scalarFilter", operator, left, right, at };
}

function parseScalar(cursor: Cursor): Scalar {
  const scalar = cursor.nested(() => parseScalarPrimary(cursor));
  if (cursor.isOperator("+", "-", "*", "/", "%", "^")) {
    throw new QueryError("unsupported", cursor.at, "arithmetic with aggregates");
  }
  return scalar;
}

function parseScalarPrimary(cursor: Cursor): Scalar {
  const { token, at } = cursor;
  if (cursor.isOperator("(")) {
    const next = cursor.peek(1);
    if (next.type === "operator" && next.text === "{") {
      throw new QueryError("unsupported", at, "a pipeline as one side of a comparison");
    }
    cursor.advance();
    const scalar = parseScalar(cursor);
    cursor.expectOperator(")", "after the number");
    return scalar;
  }
  if (!isFunction(token)) {
    return { type: "literal", literal: expectLiteral(cursor, "a number or an aggregate"), at };
  }
  cursor.advance();
  const name = (token.type === "word" ? token.text : "") as AggregateFunction;
  cursor.expectOperator("(", `after ${name}`);
  if (name === "count") {
    cursor.expectOperator(")", "because count takes nothing");
    return { type: "aggregate", function: name, of: null, at };
  }
  const of = parseExpression(cursor);
  cursor.expectOperator(")", "after the expression");
  return { type: "aggregate", function: name, of, at };
}

export const metricsFunctions: readonly MetricsStage["function"][] = [
  "rate",
  "count_over_time",
  "min_over_time",
  "max_over_time",
  "avg_over_time",
  "sum_over_time",
  "quantile_over_time",
  "histogram_over_time",
  "compare",
];

const metricsWords: readonly string[] = metricsFunctions;

const topWithoutCount = 10n;

/** `quantile_over_time(duration, .5, .99) by (name)`. */
function parseMetrics(cursor: Cursor): MetricsStage {
  const { token, at } = cursor;
  const name = metricsFunctions.find((known) => token.type === "word" && known === token.text);
  if (name === undefined) {
    return cursor.fail("a metrics function");
  }
  cursor.advance();
  cursor.expectOperator("(", `after ${name}`);
  const takesField = name !== "rate" && name !== "count_over_time" && name !== "compare";
  const of = takesField ? expectField(cursor) : null;
  const quantiles = name === "quantile_over_time" ? parseQuantiles(cursor) : [];
  const compare = name === "compare" ? parseCompare(cursor) : null;
  cursor.expectOperator(")", `to close ${name}`);
  const by = name === "compare" ? [] : parseBy(cursor);
  return { function: name, of, quantiles, by, compare, at };
}

function parseQuantiles(cursor: Cursor): number[] {
  cursor.expectOperator(",", "and a quantile such as .95");
  return cursor.list(() => {
    const { at } = cursor;
    const quantile = toNumber(expectLiteral(cursor, "a quantile such as .95"));
    if (quantile === undefined || quantile < 0 || quantile > 1) {
      throw new QueryError("type", at, "a quantile lies between 0 and 1");
    }
    return quantile;
  });
}

function parseCompare(cursor: Cursor): CompareArguments {
  if (!cursor.isOperator("{")) {
    return cursor.fail("{ of the selection");
  }
  const selection = parseFilter(cursor);
  const numbers: bigint[] = [];
  while (cursor.takeOperator(",")) {
    numbers.push(expectCount(cursor, "a whole number"));
  }
  const [topN, startNs, endNs] = numbers;
  if (topN === 0n) {
    throw new QueryError("type", cursor.at, "compare() keeps at least one value of each attribute");
  }
  if (numbers.length === 2 || numbers.length > 3) {
    return cursor.fail("compare({ selection }, topN, start, end)");
  }
  return {
    selection,
    topN: Number(topN ?? topWithoutCount),
    startNs: startNs ?? null,
    endNs: endNs ?? null,
  };
}

function parseBy(cursor: Cursor): Field[] {
  if (!cursor.isWord("by")) {
    return [];
  }
  const { at } = cursor;
  cursor.advance();
  cursor.expectOperator("(", "after by");
  const fields = cursor.list(() => expectField(cursor));
  cursor.expectOperator(")", "after the fields of by");
  if (fields.length > 5) {
    throw new QueryError("type", at, `by() takes at most 5 fields, here are ${fields.length}`);
  }
  return fields;
}

/** `> 10` stands behind a metrics function without a bar. */
function parseThreshold(cursor: Cursor): SeriesStage | undefined {
  if (!cursor.isOperator(...comparisons)) {
    return undefined;
  }
  const { at } = cursor;
  const operator = operatorText(cursor) as ComparisonOperator;
  const place = cursor.at;
  const value = expectLiteral(cursor, "a number");
  if (toNumber(value) === undefined && value.type !== "duration") {
    throw new QueryError("type", place, "series are compared with a number or a duration");
  }
  return { type: "threshold", operator, value, at };
}

/** `topk(5)` or `bottomk(5)`. */
function parseTop(cursor: Cursor): SeriesStage {
  const { at } = cursor;
  const type = cursor.isWord("topk") ? "topk" : "bottomk";
  cursor.advance();
  cursor.expectOperator("(", `after ${type}`);
  const place = cursor.at;
  const count = Number(expectCount(cursor, "how many series"));
  if (count < 1) {
    throw new QueryError("type", place, `${type} keeps at least one series`);
  }
  cursor.expectOperator(")", `to close ${type}`);
  return { type, count, at };
}

function toNumber(literal: Literal): number | undefined {
  return literal.type === "int" || literal.type === "float" ? Number(literal.value) : undefined;
}
