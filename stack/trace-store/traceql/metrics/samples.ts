import type { Series } from "../answer.ts";
import type { MetricsOptions } from "./metrics-sql.ts";

/** The ends of all steps, in milliseconds since 1970: the same for all series of an answer. */
export function stepEnds({ startNs, endNs, stepNs }: MetricsOptions): number[] {
  const steps = Number((endNs - startNs + stepNs - 1n) / stepNs);
  // Numbers are exact here, for what is left of a range beside whole milliseconds, and quicker.
  const [startMs, restNs] = [Number(startNs / 1_000_000n), Number(startNs % 1_000_000n)];
  const step = Number(stepNs);
  return Array.from(
    { length: steps },
    (_, index) => startMs + Math.floor((restNs + (index + 1) * step) / 1e6),
  );
}

/** With a sample at every step. */
export function fullSeries(
  labels: Series["labels"],
  ends: readonly number[],
  value: (step: number) => number,
): Series {
  return {
    labels,
    samples: ends.map((timestampMs, step) => ({ timestampMs, value: value(step) })),
  };
}
