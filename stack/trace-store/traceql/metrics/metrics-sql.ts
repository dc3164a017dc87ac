import { type Field, type MetricsStage, type Query, QueryError } from "#traceql";
import type { Series } from "../answer.ts";
import { keptRows } from "../plan/kept-rows.ts";
import { numberSql, tagged } from "../plan/pipeline.ts";
import type { RowSource } from "../plan/row-source.ts";
import { Statement } from "../plan/statement.ts";
import {
  byType,
  listNumberSql,
  readTagged,
  single,
  type TypedSql,
  toFirstMembers,
  type ValueSql,
} from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { printField } from "../print-expression.ts";

export interface MetricsOptions {
  /** Spans that start after this … */
  readonly startNs: bigint;
  /** … and at this or before. */
  readonly endNs: bigint;
  /** The step of the samples; the whole range for one value. */
  readonly stepNs: bigint;
  /** Spans that the series have as examples, of the whole answer; none unless given. */
  readonly exemplars?: number;
}

/** What one row of the answer means; see metrics.ts. */
interface MetricsPlan {
  /** labels …, then lists of the same length: steps, exponents for distributions, values. */
  readonly sql: string;
  readonly isDuration: boolean;
}

/**
 * One row for each group of labels. Step n is from start + n steps to start + (n + 1) steps,
 * its end included.
 */
export function metricsSql(
  query: Query,
  metrics: MetricsStage,
  vocabulary: Vocabulary,
  options: MetricsOptions,
): MetricsPlan {
  const statement = new Statement();
  const { rows, where } = keptRows(query.stages, { statement, vocabulary });
  const labels = metrics.by.map((field) => byType(toFirstMembers(rows.valueOf(field, metrics.at))));
  const measured = metrics.of === null ? [] : measuredSql(metrics.of, rows, metrics);
  const number = numberSql(measured);
  const value = valueSql(metrics, number);
  const isMeasured = metrics.of === null ? "" : ` AND ${isMeasuredSql(number)}`;
  const columns = [
    `${bucketSql(options)} AS step`,
    ...labels.flat().map(({ sql }, index) => `${sql} AS label_${index}`),
    ...value.groups.map((sql) => `${sql} AS exponent`),
    `${value.result} AS result`,
  ];
  const counted = rows.select(
    columns.join(", "),
    `WHERE ${where} AND ${rangeSql(options)}${isMeasured} GROUP BY ALL`,
  );
  const isDuration = measured.length > 0 && measured.every(({ type }) => type === "duration");
  return { sql: statement.select(answerSql(counted, labels, value.groups.length > 0)), isDuration };
}

/** NaN, as of a division by zero, is left aside: one would make everything that it is part of NaN. */
export function isMeasuredSql(number: string): string {
  return `(${number}) IS NOT NULL AND NOT isnan(${number})`;
}

/** Infinity lies in the bucket of the largest doubles. */
function exponentSql(number: string): string {
  return `least(ceil(log2(${number})), 1024)`;
}

/** The number of a span's step. */
export function bucketSql({ startNs, stepNs }: MetricsOptions): string {
  return `CAST((s.start_ns - ${startNs} - 1) // ${stepNs} AS INTEGER)`;
}

export function rangeSql({ startNs, endNs }: MetricsOptions): string {
  return `s.start_ns > ${startNs} AND s.start_ns <= ${endNs}`;
}

/**
 * Labels are grouped by as they are stored, and become texts when there are few of them left. All
 * steps of a group are one list, because thousands of rows with labels take long to hand over.
 */
function answerSql(counted: string, labels: readonly ValueSql[], isDistribution: boolean): string {
  let index = 0;
  const texts = labels.map((variants) =>
    tagged(variants.map(({ type }) => single(type, `label_${index++}`))),
  );
  const lists = [
    "list(step)",
    ...(isDistribution ? ["list(exponent)"] : []),
    "list(CAST(result AS DOUBLE))",
  ];
  return `SELECT ${[...texts, ...lists].join(", ")} FROM (${counted}) GROUP BY ALL HAVING count(*) > 0`;
}

export function measuredSql(field: Field, rows: RowSource, { at }: MetricsStage): TypedSql[] {
  return listNumberSql(rows.valueOf(field, at));
}

function valueSql(metrics: MetricsStage, number: string): { groups: string[]; result: string } {
  switch (metrics.function) {
    case "rate":
    case "count_over_time":
      return { groups: [], result: "count(*)" };
    case "min_over_time":
    case "max_over_time":
    case "avg_over_time":
    case "sum_over_time":
      return { groups: [], result: `${metrics.function.slice(0, 3)}(${number})` };
    case "quantile_over_time":
    case "histogram_over_time":
      // What is not above zero has no power of two, and gets the bucket below all others.
      return {
        groups: [`CASE WHEN ${number} > 0 THEN CAST(${exponentSql(number)} AS INTEGER) END`],
        result: "count(*)",
      };
    case "compare":
      throw new QueryError("unsupported", metrics.at, "compare() as a number");
    default:
      return metrics.function satisfies never;
  }
}

type Labels = Series["labels"];

/** A label that a span lacks is left out. */
export function toLabels(metrics: MetricsStage, cells: readonly (string | null)[]): Labels {
  return metrics.by.flatMap((field, index) => {
    const text = cells[index] ?? null;
    return text === null ? [] : [{ key: printField(field), value: readTagged(text).value }];
  });
}

/** A series without labels says so of the first that was asked for, or else is named after its function. */
export function namedLabels(labels: Labels, { by: [first], function: name }: MetricsStage): Labels {
  if (labels.length > 0) {
    return labels;
  }
  return first === undefined
    ? [{ key: "__name__", value: { type: "string", value: name } }]
    : [{ key: printField(first), value: { type: "string", value: "nil" } }];
}

/** The ends of all steps, in milliseconds since 1970: the same for all series of an answer. */
export function stepEnds({ startNs, endNs, stepNs }: MetricsOptions): number[] {
  const steps = Number((endNs - startNs + stepNs - 1n) / stepNs);
  // Numbers are exact here, for what is left of a range beside whole milliseconds, and quicker.
  const [startMs, restNs] = [Number(startNs / 1_000_000n), Number(startNs % 1_000_000n)];
  const step = Number(stepNs);
  return Array.from(
    { length: steps },
    (_, index) => startMs + Math.floor((restNs + (index + 1) * step) / 1e6),
  );
}

/** With a sample at every step. */
export function fullSeries(
  labels: Series["labels"],
  ends: readonly number[],
  value: (step: number) => number,
): Series {
  return {
    labels,
    samples: ends.map((timestampMs, step) => ({ timestampMs, value: value(step) })),
  };
}
