import { Cursor } from "./cursor.ts";
import { expectField, expectLiteral, parseExpression } from "./expression-parser.ts";
import { metricsWords, parseMetrics, parseThreshold, parseTop } from "./metrics-parser.ts";
import { QueryError } from "./query-error.ts";
import { beginsScalar, parseScalarFilter } from "./scalar-parser.ts";
import { holdsPipeline, parseSpanset, weightOfSpanset } from "./spanset-parser.ts";
import type { Hint, MetricsStage, Query, SeriesStage, Stage } from "./syntax.ts";
import { checkTypes } from "./typing.ts";

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
