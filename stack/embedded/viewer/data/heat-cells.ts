import type { Frame } from "./frame.ts";
import { numbersOf } from "./frame.ts";
import { stepOf } from "./series.ts";

/** How often values of a bucket came in a step of time. */
export interface HeatCell {
  readonly fromMs: number;
  readonly toMs: number;
  /** The place of its bucket in the list. */
  readonly bucket: number;
  readonly count: number;
}

export interface HeatCells {
  /** The upper bounds of the buckets, the smallest first, without a gap where each doubles. */
  readonly buckets: readonly number[];
  readonly cells: readonly HeatCell[];
  readonly most: number;
}

const bucketLabel = "__bucket";
const mostBuckets = 60;

/** The cells of a heatmap from series that each are a bucket, as `histogram_over_time` gives them. */
export function heatCells(frames: readonly Frame[]): HeatCells {
  const series = frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === "time");
    const counts = frame.fields.find(({ type }) => type === "number");
    const bound = Number(counts?.labels?.[bucketLabel]);
    return times === undefined || counts === undefined || Number.isNaN(bound)
      ? []
      : [{ bound, times: numbersOf(times).map((time) => time ?? 0), counts: numbersOf(counts) }];
  });
  const filled = series.filter(({ counts }) => counts.some((count) => (count ?? 0) > 0));
  const buckets = withoutGaps(filled.map(({ bound }) => bound));
  const stepMs = stepOf(series) ?? 60_000;
  const cells = filled.flatMap(({ bound, times, counts }) =>
    times.flatMap((time, index): HeatCell[] => {
      const count = counts[index] ?? 0;
      // Samples are stamped with the end of their step.
      const cell = { fromMs: time - stepMs, toMs: time, bucket: buckets.indexOf(bound), count };
      return count > 0 ? [cell] : [];
    }),
  );
  return { buckets, cells, most: cells.reduce((most, { count }) => Math.max(most, count), 0) };
}

function withoutGaps(bounds: readonly number[]): number[] {
  const sorted = [...new Set(bounds)].sort((one, other) => one - other);
  const buckets: number[] = [];
  for (const bound of sorted) {
    const before = buckets.at(-1);
    // Only between powers of two is it known what is missing.
    if (before !== undefined && isPowerOfTwo(bound / before) && buckets.length < mostBuckets) {
      for (let next = before * 2; next < bound * 0.99; next *= 2) {
        buckets.push(next);
      }
    }
    buckets.push(bound);
  }
  return buckets;
}

function isPowerOfTwo(ratio: number): boolean {
  const exponent = Math.log2(ratio);
  return Math.abs(exponent - Math.round(exponent)) < 1e-6 && exponent < 40;
}
