import type { DuckDBValue } from "@duckdb/node-api";
import type { MetricsStage, Query } from "#traceql";
import type { Exemplar, Sample, Series } from "../answer.ts";
import { plainText } from "../plain-text.ts";
import { keptRows } from "../plan/kept-rows.ts";
import { numberSql, tagged } from "../plan/pipeline.ts";
import { Statement } from "../plan/statement.ts";
import { toFirstMembers } from "../plan/typed-sql.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import {
  bucketSql,
  isMeasuredSql,
  type MetricsOptions,
  measuredSql,
  namedLabels,
  rangeSql,
  toLabels,
} from "./metrics-sql.ts";

export interface ExemplarsInput {
  readonly query: Query;
  readonly metrics: MetricsStage;
  readonly vocabulary: Vocabulary;
  readonly options: MetricsOptions;
  /** Of the whole answer, at most. */
  readonly most: number;
  readonly run: (sql: string) => Promise<DuckDBValue[][]>;
}

/** A span that stands for others, before it is known which series it belongs to. */
interface Found extends Exemplar {
  readonly group: string;
  /** What was measured of the span; null where spans are only counted. */
  readonly measured: number | null;
}

/**
 * Gives series spans as examples, one a step and group of labels at most: the one with the largest
 * value, or the newest where spans are only counted.
 */
export async function withExemplars(
  series: readonly Series[],
  input: ExemplarsInput,
): Promise<Series[]> {
  const { metrics, most, run } = input;
  if (metrics.compare !== null) {
    return [...series];
  }
  const { sql, unit } = exemplarsSql(input);
  const found = spread(readFound(await run(sql), metrics, unit), most);
  const byGroup = Map.groupBy(series, ({ labels }) => formatGroupKey(labels));
  const bySeries = Map.groupBy(found, ({ group, ...exemplar }) =>
    findSeries({ group, ...exemplar }, byGroup.get(group) ?? []),
  );
  return series.map((one) => {
    const exemplars = bySeries.get(one)?.flatMap((exemplar) => toExemplar(exemplar, one)) ?? [];
    return exemplars.length === 0 ? one : { ...one, exemplars };
  });
}

function exemplarsSql({ query, metrics, vocabulary, options }: ExemplarsInput) {
  const statement = new Statement();
  const { rows, where } = keptRows(query.stages, { statement, vocabulary });
  const labels = metrics.by.map((field) => tagged(toFirstMembers(rows.valueOf(field, metrics.at))));
  const numbers = metrics.of === null ? [] : measuredSql(metrics.of, rows, metrics);
  const number = metrics.of === null ? "CAST(NULL AS DOUBLE)" : numberSql(numbers);
  const isMeasured = metrics.of === null ? "" : ` AND ${isMeasuredSql(number)}`;
  const columns = [
    `${bucketSql(options)} AS step`,
    ...labels.map((sql, index) => `${sql} AS label_${index}`),
    "s.trace_id AS trace_id",
    "s.start_ns AS start_ns",
    `${number} AS measured`,
  ];
  const spans = rows.select(
    columns.join(", "),
    `WHERE ${where} AND ${rangeSql(options)}${isMeasured}`,
  );
  const best = metrics.of === null ? "start_ns" : "measured";
  const names = labels.map((_, index) => `label_${index}`);
  const answer = [
    "step",
    ...names,
    `CAST(arg_max(trace_id, ${best}) AS VARCHAR)`,
    `arg_max(start_ns, ${best})`,
    "max(measured)",
  ];
  const grouped = `SELECT ${answer.join(", ")} FROM (${spans}) GROUP BY ${["step", ...names].join(", ")} ORDER BY step`;
  const isDuration = numbers.length > 0 && numbers.every(({ type }) => type === "duration");
  return { sql: statement.select(grouped), unit: isDuration ? 1e9 : 1 };
}

function readFound(
  columns: readonly DuckDBValue[][],
  metrics: MetricsStage,
  unit: number,
): Found[] {
  const labelColumns = columns.slice(1, 1 + metrics.by.length);
  const isHistogram = metrics.function === "histogram_over_time";
  const [traceIds = [], starts = [], measured = []] = columns.slice(1 + metrics.by.length);
  return traceIds.map((traceId, row) => {
    const texts = labelColumns.map((column) => (column[row] ?? null) as string | null);
    const number = measured[row] ?? null;
    const labels = toLabels(metrics, texts);
    return {
      group: formatGroupKey(
        metrics.quantiles.length > 0 || isHistogram ? labels : namedLabels(labels, metrics),
      ),
      traceId: String(traceId).replaceAll("-", ""),
      timestampMs: Number((starts[row] as bigint) / 1_000_000n),
      measured: number === null ? null : Number(number) / unit,
      value: 0,
    };
  });
}

/** So many of them, from all of the time. */
function spread(found: readonly Found[], most: number): Found[] {
  const every = Math.max(1, found.length / most);
  return Array.from(
    { length: Math.min(most, found.length) },
    (_, index) => found[Math.floor(index * every)] as Found,
  );
}

/** What the series of one group have in common. */
function formatGroupKey(labels: Series["labels"]): string {
  return labels
    .filter(({ key }) => key !== "p" && key !== "__bucket")
    .map(({ key, value }) => JSON.stringify([key, value.type, plainText(value)]))
    .join();
}

/** Of quantiles and histograms the lowest whose number is not below the span's. */
function findSeries(found: Found, series: readonly Series[]): Series | undefined {
  const { measured } = found;
  const bounded = series
    .map((one) => ({ one, bound: getBound(one, found.timestampMs) }))
    .sort((left, right) => left.bound - right.bound);
  return (bounded.find(({ bound }) => measured === null || bound >= measured) ?? bounded.at(-1))
    ?.one;
}

function getBound({ labels, samples }: Series, timestampMs: number): number {
  const bucket = labels.find(({ key }) => key === "__bucket")?.value;
  return bucket?.type === "double"
    ? bucket.value
    : (findSample(samples, timestampMs)?.value ?? Number.POSITIVE_INFINITY);
}

/** The sample of the step that a moment belongs to. */
function findSample(samples: readonly Sample[], timestampMs: number): Sample | undefined {
  return samples.find((sample) => sample.timestampMs >= timestampMs);
}

/** Where spans are counted, an example stands at the height of its step. */
function toExemplar({ traceId, timestampMs, measured }: Found, series: Series): Exemplar[] {
  const value = measured ?? findSample(series.samples, timestampMs)?.value;
  return value === undefined ? [] : [{ traceId, timestampMs, value }];
}
