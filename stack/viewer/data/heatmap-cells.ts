import { type Frame, toNumbers } from "./frame.ts";
import { computeStep } from "./series.ts";

/** How often values of a bucket came in a step of time. */
export interface HeatCell {
  readonly fromMs: number;
  readonly toMs: number;
  /** The place of its bucket in the list. */
  readonly bucket: number;
  readonly count: number;
}

export interface HeatCells {
  /** The upper bounds of the buckets that came, the smallest first: a row each, as in Grafana. */
  readonly buckets: readonly number[];
  readonly cells: readonly HeatCell[];
  readonly most: number;
}

const bucketLabel = "__bucket";

/** The cells of a heatmap from series that each are a bucket, as `histogram_over_time` gives them. */
export function heatCells(frames: readonly Frame[]): HeatCells {
  const series = frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === "time");
    const counts = frame.fields.find(({ type }) => type === "number");
    const bound = Number(counts?.labels?.[bucketLabel]);
    return times === undefined || counts === undefined || Number.isNaN(bound)
      ? []
      : [{ bound, times: toNumbers(times).map((time) => time ?? 0), counts: toNumbers(counts) }];
  });
  const bounds = new Set(series.map(({ bound }) => bound));
  const buckets = [...bounds].sort((one, other) => one - other);
  const stepMs = computeStep(series) ?? 60_000;
  const cells = series.flatMap(({ bound, times, counts }) =>
    times.flatMap((time, index): HeatCell[] => {
      const count = counts[index] ?? 0;
      // Samples are stamped with the end of their step.
      const cell = { fromMs: time - stepMs, toMs: time, bucket: buckets.indexOf(bound), count };
      return count > 0 ? [cell] : [];
    }),
  );
  return { buckets, cells, most: cells.reduce((most, { count }) => Math.max(most, count), 0) };
}
