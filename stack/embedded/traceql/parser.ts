import { Cursor } from "./cursor.ts";
import { expectField, expectLiteral, parseExpression } from "./expression-parser.ts";
import { metricsWords, parseMetrics, parseThreshold, parseTop } from "./metrics-parser.ts";
import { QueryError } from "./query-error.ts";
import { beginsScalar, parseScalarFilter } from "./scalar-parser.ts";
import { parseSpanset } from "./spanset-parser.ts";
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
  const stages = [parseFirst(cursor)];
  while (cursor.takeOperator("|")) {
    if (cursor.isWord(...metricsWords)) {
      break;
    }
    stages.push(parseStage(cursor));
  }
  return stages;
}

function parseFirst(cursor: Cursor): Stage {
  if (!cursor.isOperator("{", "(") && !beginsScalar(cursor)) {
    return cursor.fail("{ or ( of a spanset");
  }
  return parseStage(cursor);
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
    const expressions = parseArguments(cursor, () => parseExpression(cursor));
    return { type: "by", expressions, at };
  }
  if (cursor.isWord("select")) {
    return { type: "select", fields: parseArguments(cursor, () => expectField(cursor)), at };
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

function parseArguments<Item>(cursor: Cursor, parse: () => Item): Item[] {
  cursor.advance();
  cursor.expectOperator("(", "before the arguments");
  const items = cursor.list(parse);
  cursor.expectOperator(")", "after the arguments");
  return items;
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
