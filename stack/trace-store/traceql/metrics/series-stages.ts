import type { ComparisonOperator, Literal, SeriesStage } from "#traceql";
import type { Sample, Series } from "../answer.ts";

/** What stands behind a metrics function, done to its series. */
export function applySeriesStages(
  series: readonly Series[],
  stages: readonly SeriesStage[],
): Series[] {
  return stages.reduce<Series[]>(
    (kept, stage) =>
      stage.type === "threshold"
        ? keepSamples(kept, ({ value }) => compare(value, stage.operator, numberOf(stage.value)))
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
function numberOf(literal: Literal): number {
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
