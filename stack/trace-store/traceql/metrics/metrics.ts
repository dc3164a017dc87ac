import type { DuckDBValue } from "@duckdb/node-api";
import { type MetricsStage, type Query, QueryError } from "#traceql";
import type { Series } from "../answer.ts";
import { plainText } from "../plain-text.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { compareSpans } from "./compare.ts";
import { withExemplars } from "./exemplars.ts";
import { type Group, readGroups } from "./groups.ts";
import { namedLabels } from "./labels.ts";
import { type MetricsOptions, metricsSql } from "./metrics-sql.ts";
import { fullSeries, stepEnds } from "./samples.ts";
import { applySeriesStages } from "./series-stages.ts";

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
  const answer = { metrics, options, ends: stepEnds(options), unit: isDuration ? 1e9 : 1 };
  const groups = withZero(readGroups(await run(sql), metrics, answer.ends.length), metrics);
  const series = groups.flatMap((group) => toSeries(group, answer));
  const kept = applySeriesStages(series.sort(byLabels), query.seriesStages);
  const { exemplars: most = 0 } = options;
  return most === 0
    ? kept
    : withExemplars(kept, { query, metrics, vocabulary, options, most, run });
}

/** A count of nothing is zero, and everything else of nothing is nothing. */
function withZero(groups: readonly Group[], metrics: MetricsStage): readonly Group[] {
  return groups.length === 0 && metrics.by.length === 0 && isCount(metrics)
    ? [{ labels: [], values: new Map(), distributions: null }]
    : groups;
}

function isCount({ function: name }: MetricsStage): boolean {
  return name === "rate" || name === "count_over_time";
}

/** What all series of an answer have in common. */
interface Answer {
  readonly metrics: MetricsStage;
  readonly options: MetricsOptions;
  /** Of the steps. */
  readonly ends: readonly number[];
  /** By what values are divided. */
  readonly unit: number;
}

function toSeries(group: Group, answer: Answer): Series[] {
  const { labels, values } = group;
  const { metrics, options, ends, unit } = answer;
  const stepSeconds = Number(options.stepNs) / 1e9;
  switch (metrics.function) {
    case "rate":
      return [
        fullSeries(
          namedLabels(labels, metrics),
          ends,
          (step) => (values.get(step) ?? 0) / stepSeconds,
        ),
      ];
    case "count_over_time":
      return [fullSeries(namedLabels(labels, metrics), ends, (step) => values.get(step) ?? 0)];
    case "quantile_over_time":
      return quantiles(group, answer);
    case "histogram_over_time":
      return histogram(group, answer);
    default:
      return [
        {
          labels: namedLabels(labels, metrics),
          samples: [...values]
            .sort(([one], [other]) => one - other)
            .map(([step, value]) => ({ timestampMs: ends[step] ?? 0, value: value / unit })),
        },
      ];
  }
}

function quantiles({ labels, distributions }: Group, { metrics, ends, unit }: Answer): Series[] {
  return metrics.quantiles.map((quantile) => {
    const p = { key: "p", value: { type: "double", value: quantile } as const };
    return fullSeries(
      [...labels, p],
      ends,
      (step) => (distributions?.quantile(step, quantile) ?? 0) / unit,
    );
  });
}

function histogram({ labels, distributions }: Group, { ends, unit }: Answer): Series[] {
  return (distributions?.bounds ?? []).map((bound) => {
    const bucket = { key: "__bucket", value: { type: "double", value: bound / unit } as const };
    return fullSeries(
      [...labels, bucket],
      ends,
      (step) => distributions?.countAt(step, bound) ?? 0,
    );
  });
}

function byLabels(one: Series, other: Series): number {
  const [left, right] = [one, other].map(({ labels }) =>
    labels.map(({ key, value }) => `${key}=${plainText(value)}`).join(","),
  );
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
