import type { SeriesQuery } from "#contract";
import type { SeriesName } from "../shapes/series-names.ts";
import type { Spread } from "../shapes/timeseries.ts";

/** The values of a closed list, each in its colour. */
export function listSeriesNames(colours: ReadonlyMap<string, string>): SeriesName[] {
  return [...colours].map(([value, colour]) => ({ value, colour }));
}

/** Spans of which something is measured: quantiles of integers and durations alone. */
interface Measured<Field> {
  avgOverTime(of: Field): SeriesQuery;
  maxOverTime(of: Field): SeriesQuery;
}

interface Counted<Field> extends Measured<Field> {
  quantileOverTime(of: Field, ...quantiles: readonly [number, ...number[]]): SeriesQuery;
}

/** The quantiles over time and the largest. Tempo calls a quantile of nothing 0, which is left out. */
export function buildSpread<Field>(spans: Counted<Field>, of: Field): Spread {
  return {
    quantiles: spans.quantileOverTime(of, 0.5, 0.95).gt(0),
    maximum: spans.maxOverTime(of),
  };
}

/** The mean and the largest of a whole time range. */
export function selectExactNumbers<Field>(
  spans: Measured<Field>,
  of: Field,
): readonly SeriesQuery[] {
  return [spans.avgOverTime(of), spans.maxOverTime(of)];
}

/** How exact the numbers are, for descriptions. */
export const spreadNote =
  "≈: estimated, up to a factor of 2 off, because the store counts in powers of 2; max is exact.";
