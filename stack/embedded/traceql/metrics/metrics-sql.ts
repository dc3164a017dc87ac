import { numberSql, planPipeline, tagged } from "../plan/pipeline.ts";
import type { RowSource } from "../plan/row-source.ts";
import { rowsOf } from "../plan/spansets.ts";
import { Statement } from "../plan/statement.ts";
import { isNumber, type TypedSql, wholeOf } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { QueryError } from "../query-error.ts";
import type { Field, MetricsStage, Query } from "../syntax.ts";

export interface MetricsOptions {
  /** Spans that start after this … */
  readonly startNs: bigint;
  /** … and at this or before. */
  readonly endNs: bigint;
  /** The step of the samples; the whole range for one value. */
  readonly stepNs: bigint;
}

/** What one row of the answer means; see metrics.ts. */
export interface MetricsPlan {
  /** bucket, labels …, then `value`, or `exponent` and `count` for distributions. */
  readonly sql: string;
  readonly isDuration: boolean;
}

/**
 * One row for each step and group of labels; for quantiles and histograms one for each power of two
 * besides. Step n is from start + n steps to start + (n + 1) steps, its end included.
 */
export function metricsSql(
  query: Query,
  metrics: MetricsStage,
  vocabulary: Vocabulary,
  options: MetricsOptions,
): MetricsPlan {
  const statement = new Statement();
  const { rows, where } = sourceOf(query, statement, vocabulary);
  const labels = metrics.by.map((field) => labelSql(field, rows, metrics));
  const measured = metrics.of === null ? [] : numbersOf(metrics.of, rows, metrics);
  const number = numberSql(measured);
  const value = valueSql(metrics, number);
  const isMeasured = metrics.of === null ? "" : ` AND (${number}) IS NOT NULL`;
  const bucket = bucketSql(options);
  const columns = [bucket, ...labels, ...value.groups, ...value.results];
  const groups = columns
    .slice(0, columns.length - value.results.length)
    .map((_, index) => index + 1);
  const sql = `SELECT ${columns.join(", ")} FROM ${rows.from} WHERE ${where} AND ${rangeSql(options)}${isMeasured} GROUP BY ${groups.join(", ")}`;
  const isDuration = measured.length > 0 && measured.every(({ type }) => type === "duration");
  return { sql: statement.select(sql), isDuration };
}

/** The number of a span's step. */
export function bucketSql({ startNs, stepNs }: MetricsOptions): string {
  return `CAST((s.start_ns - ${startNs} - 1) // ${stepNs} AS BIGINT)`;
}

export function rangeSql({ startNs, endNs }: MetricsOptions): string {
  return `s.start_ns > ${startNs} AND s.start_ns <= ${endNs}`;
}

/** A lone filter reads the table at once; anything longer leaves a relation behind. */
function sourceOf(query: Query, statement: Statement, vocabulary: Vocabulary) {
  const { relation } = planPipeline(query.stages, { statement, vocabulary });
  return { rows: rowsOf(vocabulary, relation), where: "true" };
}

function labelSql(field: Field, rows: RowSource, { at }: MetricsStage): string {
  return tagged(wholeOf(rows.valueOf(field, at)));
}

function numbersOf(field: Field, rows: RowSource, { at }: MetricsStage): TypedSql[] {
  return wholeOf(rows.valueOf(field, at)).filter(isNumber);
}

function valueSql(metrics: MetricsStage, number: string): { groups: string[]; results: string[] } {
  switch (metrics.function) {
    case "rate":
    case "count_over_time":
      return { groups: [], results: ["count(*)"] };
    case "min_over_time":
    case "max_over_time":
    case "avg_over_time":
    case "sum_over_time":
      return { groups: [], results: [`${metrics.function.slice(0, 3)}(${number})`] };
    case "quantile_over_time":
    case "histogram_over_time":
      // What is not above zero has no power of two, and gets the bucket below all others.
      return {
        groups: [`CASE WHEN ${number} > 0 THEN CAST(ceil(log2(${number})) AS INTEGER) END`],
        results: ["count(*)"],
      };
    case "compare":
      throw new QueryError("unsupported", metrics.at, "compare() as a number");
    default:
      return metrics.function satisfies never;
  }
}
