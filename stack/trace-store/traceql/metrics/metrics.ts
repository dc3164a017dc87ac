import type { DuckDBListValue, DuckDBValue } from "@duckdb/node-api";
import {
  type ComparisonOperator,
  type Literal,
  type MetricsStage,
  type Query,
  QueryError,
  type SeriesStage,
} from "#traceql";
import type { Sample, Series } from "../answer.ts";
import { plainText } from "../plain-text.ts";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { compareSpans } from "./compare.ts";
import { withExemplars } from "./exemplars.ts";
import {
  fullSeries,
  type MetricsOptions,
  metricsSql,
  namedLabels,
  stepEnds,
  toLabels,
} from "./metrics-sql.ts";

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

/** A group of labels and what the database found for it, by step: one of the two. */
interface Group {
  readonly labels: Series["labels"];
  readonly values: ReadonlyMap<number, number>;
  readonly distributions: Distributions | null;
}

/**
 * @param columns The answer of metrics-sql.ts: the labels, and lists with all steps of a group.
 * @param stepCount How many steps there are.
 */
function readGroups(
  columns: readonly DuckDBValue[][],
  metrics: MetricsStage,
  stepCount: number,
): Group[] {
  const isDistribution = isOfPowers(metrics);
  const lists = columns.slice(isDistribution ? -3 : -2);
  return (columns[0] ?? []).map((_, row) => {
    const items = lists.map((column) => (column[row] as DuckDBListValue).items as number[]);
    return {
      labels: toLabels(
        metrics,
        columns.slice(0, -lists.length).map((column) => (column[row] ?? null) as string | null),
      ),
      values: isDistribution ? new Map() : mapValues(items),
      distributions: isDistribution ? readDistributions(items, stepCount) : null,
    };
  });
}

function isOfPowers({ function: name }: MetricsStage): boolean {
  return name === "quantile_over_time" || name === "histogram_over_time";
}

type Lists = readonly (readonly (number | null)[])[];

function mapValues([steps = [], values = []]: Lists): Map<number, number> {
  return new Map(steps.map((step, index) => [step ?? 0, values[index] as number]));
}

/** For what is not above zero the exponent is null. */
function readDistributions([steps = [], exponents = [], counts = []]: Lists, stepCount: number) {
  return new Distributions(stepCount, { steps, exponents, counts });
}

/** What stands behind a metrics function, done to its series. */
function applySeriesStages(series: readonly Series[], stages: readonly SeriesStage[]): Series[] {
  return stages.reduce<Series[]>(
    (kept, stage) =>
      stage.type === "threshold"
        ? keepSamples(kept, ({ value }) => compare(value, stage.operator, toNumber(stage.value)))
        : keepTop(kept, stage.type, stage.count),
    [...series],
  );
}

/** At each step the series with the largest, or smallest, values; of equal ones the first by labels. */
function keepTop(series: readonly Series[], type: "topk" | "bottomk", count: number): Series[] {
  const steps = new Map<number, { sample: Sample; labels: string }[]>();
  for (const one of series) {
    const labels = JSON.stringify(one.labels, (_, value) => stringifiable(value));
    for (const sample of one.samples) {
      const atStep = steps.get(sample.timestampMs) ?? [];
      steps.set(sample.timestampMs, atStep);
      atStep.push({ sample, labels });
    }
  }
  const sign = type === "topk" ? -1 : 1;
  const kept = new Set<Sample>();
  for (const atStep of steps.values()) {
    atStep.sort(
      (one, other) =>
        sign * (one.sample.value - other.sample.value) || (one.labels < other.labels ? -1 : 1),
    );
    for (const { sample } of atStep.slice(0, count)) {
      kept.add(sample);
    }
  }
  return keepSamples(series, (sample) => kept.has(sample));
}

function stringifiable(value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function keepSamples(series: readonly Series[], isKept: (sample: Sample) => boolean): Series[] {
  return series
    .map((one) => ({ ...one, samples: one.samples.filter(isKept) }))
    .filter(({ samples }) => samples.length > 0);
}

/** Durations are seconds in series. */
function toNumber(literal: Literal): number {
  switch (literal.type) {
    case "int":
    case "float":
      return Number(literal.value);
    case "duration":
      return Number(literal.nanoseconds) / 1e9;
    default:
      return Number.NaN;
  }
}

function compare(value: number, operator: ComparisonOperator, limit: number): boolean {
  switch (operator) {
    case "=":
      return value === limit;
    case "!=":
      return value !== limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    default:
      return operator satisfies never;
  }
}

type Numbers = readonly (number | null)[];

/** What is not above zero has no power of two, and lies below all that is. */
const notAboveZero = Number.NEGATIVE_INFINITY;

/**
 * How the values of each step are spread over powers of two: how many lie in
 * (2^(exponent-1), 2^exponent]. Kept in arrays of numbers, because tens of thousands of small objects
 * take longer to clear away than everything else takes together.
 */
export class Distributions {
  /** Where in the other arrays the buckets of a step begin; those of the last step end at the last. */
  readonly #starts: Int32Array;
  /** Within a step the lowest first. */
  readonly #exponents: Float64Array;
  readonly #counts: Float64Array;

  /** @param found Of each bucket its step, its exponent, null for what is not above zero, and its count. */
  constructor(
    stepCount: number,
    found: { readonly steps: Numbers; readonly exponents: Numbers; readonly counts: Numbers },
  ) {
    const { steps, exponents, counts } = found;
    this.#starts = new Int32Array(stepCount + 1);
    this.#exponents = new Float64Array(steps.length);
    this.#counts = new Float64Array(steps.length);
    for (const step of steps) {
      this.#starts[(step ?? 0) + 1] = this.#start((step ?? 0) + 1) + 1;
    }
    for (let step = 0; step < stepCount; step += 1) {
      this.#starts[step + 1] = this.#start(step + 1) + this.#start(step);
    }
    const filled = this.#starts.slice();
    for (let index = 0; index < steps.length; index += 1) {
      const step = steps[index] ?? 0;
      const place = filled[step] ?? 0;
      filled[step] = place + 1;
      this.#insert(this.#start(step), place, exponents[index] ?? notAboveZero, counts[index] ?? 0);
    }
  }

  /**
   * A quantile as far as powers of two know it: the values of a bucket are taken to grow exponentially
   * from the end of the bucket below to its own end, as Tempo does, so that the same numbers come out.
   * Below the lowest bucket there is none, so that one is taken to begin at half of its end. Of a step
   * without values it is 0.
   */
  quantile(step: number, quantile: number): number {
    const [from, to] = [this.#start(step), this.#start(step + 1)];
    let total = 0;
    for (let place = from; place < to; place += 1) {
      total += this.#count(place);
    }
    const wanted = Math.max(1, Math.ceil(quantile * total));
    let below = 0;
    for (let place = from; place < to; place += 1) {
      const [exponent, count] = [this.#exponent(place), this.#count(place)];
      if (below + count >= wanted || place === to - 1) {
        const share = Math.min(1, (wanted - below) / count);
        const lower = place === from ? notAboveZero : this.#exponent(place - 1);
        const first = lower === notAboveZero ? exponent - 1 : lower;
        return exponent === notAboveZero ? 0 : 2 ** (first + (exponent - first) * share);
      }
      below += count;
    }
    return 0;
  }

  /** The largest values of all buckets that any step has. */
  get bounds(): readonly number[] {
    return [...new Set(this.#exponents)].map((exponent) => 2 ** exponent);
  }

  /** How many values of a step are in the bucket with this largest value. */
  countAt(step: number, bound: number): number {
    for (let place = this.#start(step); place < this.#start(step + 1); place += 1) {
      if (2 ** this.#exponent(place) === bound) {
        return this.#count(place);
      }
    }
    return 0;
  }

  /** Among the buckets of its step, which are few, those above it a place further. */
  #insert(start: number, end: number, exponent: number, count: number): void {
    let place = end;
    while (place > start && this.#exponent(place - 1) > exponent) {
      this.#exponents[place] = this.#exponent(place - 1);
      this.#counts[place] = this.#count(place - 1);
      place -= 1;
    }
    this.#exponents[place] = exponent;
    this.#counts[place] = count;
  }

  #start(step: number): number {
    return this.#starts[step] as number;
  }

  #exponent(place: number): number {
    return this.#exponents[place] as number;
  }

  #count(place: number): number {
    return this.#counts[place] as number;
  }
}
