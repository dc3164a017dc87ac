import type { DuckDBValue } from "@duckdb/node-api";
import type { Series } from "../answer.ts";
import { plainText } from "../plain-text.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { QueryError } from "../query-error.ts";
import type { MetricsStage, Query } from "../syntax.ts";
import { compareSpans } from "./compare.ts";
import { withExemplars } from "./exemplars.ts";
import { namedLabels, toLabels } from "./labels.ts";
import { type MetricsOptions, metricsSql } from "./metrics-sql.ts";
import { type PowerOfTwo, quantileOf, upperBound } from "./quantile.ts";
import { fullSeries, sampleAt } from "./samples.ts";
import { applySeriesStages } from "./series-stages.ts";

type Labels = Series["labels"];

/** A group of labels and what the database found for it, by step. */
interface Group {
  readonly labels: Labels;
  readonly steps: Map<number, DuckDBValue>;
}

const start = { offset: 0, line: 1, column: 1 };

/** @throws QueryError for a search, and for what cannot be planned. */
export async function metricsAnswer(
  query: Query,
  vocabulary: Vocabulary,
  options: MetricsOptions,
  run: (sql: string) => Promise<DuckDBValue[][]>,
): Promise<Series[]> {
  const { metrics } = query;
  if (metrics === null) {
    throw new QueryError(
      "type",
      start,
      "this is a search, and here is a metrics query: add | rate()",
    );
  }
  if (metrics.compare !== null) {
    const { compare } = metrics;
    return compareSpans({ query, compare, at: metrics.at, vocabulary, options, run });
  }
  const { sql, isDuration } = metricsSql(query, metrics, vocabulary, options);
  const groups = readGroups(await run(sql), metrics);
  const unit = isDuration ? 1e9 : 1;
  const series = groups.flatMap((group) => toSeries(group, metrics, options, unit));
  const kept = applySeriesStages(series.sort(byLabels), query.seriesStages);
  const { exemplars: most = 0 } = options;
  return most === 0
    ? kept
    : withExemplars(kept, { query, metrics, vocabulary, options, most, run });
}

function readGroups(columns: readonly DuckDBValue[][], metrics: MetricsStage): Group[] {
  const [steps = []] = columns;
  const labelColumns = columns.slice(1, 1 + metrics.by.length);
  const results = columns.at(-1) ?? [];
  const groups = new Map<string, Group>();
  for (const [row, step] of steps.entries()) {
    const texts = labelColumns.map((column) => (column[row] ?? null) as string | null);
    const key = JSON.stringify(texts);
    let group = groups.get(key);
    if (group === undefined) {
      group = { labels: toLabels(metrics, texts), steps: new Map() };
      groups.set(key, group);
    }
    group.steps.set(Number(step), results[row] ?? null);
  }
  if (groups.size === 0 && metrics.by.length === 0 && isCount(metrics)) {
    return [{ labels: [], steps: new Map() }];
  }
  return [...groups.values()];
}

function isCount({ function: name }: MetricsStage): boolean {
  return name === "rate" || name === "count_over_time";
}

function toSeries(
  { labels, steps }: Group,
  metrics: MetricsStage,
  options: MetricsOptions,
  unit: number,
): Series[] {
  const stepSeconds = Number(options.stepNs) / 1e9;
  switch (metrics.function) {
    case "rate":
      return [
        fullSeries(
          namedLabels(labels, metrics),
          options,
          (step) => count(steps, step) / stepSeconds,
        ),
      ];
    case "count_over_time":
      return [fullSeries(namedLabels(labels, metrics), options, (step) => count(steps, step))];
    case "quantile_over_time":
      return quantiles(labels, steps, metrics, options, unit);
    case "histogram_over_time":
      return histogram(labels, steps, options, unit);
    default:
      return [
        {
          labels: namedLabels(labels, metrics),
          samples: [...steps.keys()]
            .sort((one, other) => one - other)
            .map((step) => sampleAt(step, options, Number(steps.get(step)) / unit)),
        },
      ];
  }
}

function quantiles(
  labels: Labels,
  steps: Group["steps"],
  metrics: MetricsStage,
  options: MetricsOptions,
  unit: number,
): Series[] {
  const powers = new Map([...steps].map(([step, text]) => [step, powersOf(text)]));
  return metrics.quantiles.map((quantile) => {
    const p = { key: "p", value: { type: "double", value: quantile } as const };
    return fullSeries([...labels, p], options, (step) => {
      const buckets = powers.get(step);
      return buckets === undefined ? 0 : quantileOf(buckets, quantile) / unit;
    });
  });
}

function histogram(
  labels: Labels,
  steps: Group["steps"],
  options: MetricsOptions,
  unit: number,
): Series[] {
  const powers = new Map([...steps].map(([step, text]) => [step, powersOf(text)]));
  const exponents = new Set([...powers.values()].flat().map(({ exponent }) => exponent));
  return [...exponents].map((exponent) => {
    const bound = upperBound(exponent) / unit;
    const bucket = { key: "__bucket", value: { type: "double", value: bound } as const };
    return fullSeries([...labels, bucket], options, (step) => {
      const found = powers.get(step)?.find((power) => power.exponent === exponent);
      return found?.count ?? 0;
    });
  });
}

/** Reads `exponent count exponent count …`; an exponent that is missing is an empty text. */
function powersOf(text: DuckDBValue | undefined): PowerOfTwo[] {
  const words = typeof text === "string" ? text.split(" ") : [];
  const powers: PowerOfTwo[] = [];
  for (let index = 0; index + 1 < words.length; index += 2) {
    const exponent = words[index] === "" ? null : Number(words[index]);
    powers.push({ exponent, count: Number(words[index + 1]) });
  }
  return powers;
}

function count(steps: Group["steps"], step: number): number {
  return Number(steps.get(step) ?? 0);
}

function byLabels(one: Series, other: Series): number {
  const [left, right] = [one, other].map(({ labels }) =>
    labels.map(({ key, value }) => `${key}=${plainText(value)}`).join(","),
  );
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
