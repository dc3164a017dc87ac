import type { Cursor } from "./cursor.ts";
import { expectCount, expectField, expectLiteral, operatorText } from "./expression-parser.ts";
import { QueryError } from "./query-error.ts";
import { comparisons } from "./scalar-parser.ts";
import { parseFilter } from "./spanset-parser.ts";
import type {
  CompareArguments,
  ComparisonOperator,
  Field,
  Literal,
  MetricsStage,
  SeriesStage,
} from "./syntax.ts";

const functions: readonly MetricsStage["function"][] = [
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

export const metricsWords: readonly string[] = functions;

const topWithoutCount = 10n;

/** `quantile_over_time(duration, .5, .99) by (name)`. */
export function parseMetrics(cursor: Cursor): MetricsStage {
  const { token, at } = cursor;
  const name = functions.find((known) => token.type === "word" && known === token.text);
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
    const quantile = numberOf(expectLiteral(cursor, "a quantile such as .95"));
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
export function parseThreshold(cursor: Cursor): SeriesStage | undefined {
  if (!cursor.isOperator(...comparisons)) {
    return undefined;
  }
  const { at } = cursor;
  const operator = operatorText(cursor) as ComparisonOperator;
  const place = cursor.at;
  const value = expectLiteral(cursor, "a number");
  if (numberOf(value) === undefined && value.type !== "duration") {
    throw new QueryError("type", place, "series are compared with a number or a duration");
  }
  return { type: "threshold", operator, value, at };
}

/** `topk(5)` or `bottomk(5)`. */
export function parseTop(cursor: Cursor): SeriesStage {
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

function numberOf(literal: Literal): number | undefined {
  return literal.type === "int" || literal.type === "float" ? Number(literal.value) : undefined;
}
