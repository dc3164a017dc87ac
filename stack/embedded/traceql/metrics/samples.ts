import type { Sample, Series } from "../answer.ts";
import type { MetricsOptions } from "./metrics-sql.ts";

/** With a sample at every step. */
export function fullSeries(
  labels: Series["labels"],
  options: MetricsOptions,
  value: (step: number) => number,
): Series {
  const { startNs, endNs, stepNs } = options;
  const steps = Number((endNs - startNs + stepNs - 1n) / stepNs);
  // Numbers are exact here, for what is left of a range beside whole milliseconds, and quicker.
  const [startMs, restNs] = [Number(startNs / 1_000_000n), Number(startNs % 1_000_000n)];
  const step = Number(stepNs);
  const samples = Array.from({ length: steps }, (_, index) => ({
    timestampMs: startMs + Math.floor((restNs + (index + 1) * step) / 1e6),
    value: value(index),
  }));
  return { labels, samples };
}

export function sampleAt(step: number, { startNs, stepNs }: MetricsOptions, value: number): Sample {
  return { timestampMs: Number((startNs + BigInt(step + 1) * stepNs) / 1_000_000n), value };
}
