import type { KeyValue, Span, Value } from "#contract";
import type { MetricsStage, Query } from "#traceql";
import type { Series } from "../../answer.ts";
import type { MetricsOptions } from "../../metrics/metrics-sql.ts";
import { printField } from "../../print-expression.ts";
import { findMeasured, type NumberAtom } from "./atoms.ts";
import { readField, type Subject, wholeSubject } from "./fields.ts";
import { runStages, summary } from "./pipeline.ts";
import { computeBucket, computeQuantile } from "./powers-of-two.ts";
import { type Shown, shownField } from "./shown-value.ts";
import { groupTraces } from "./trace.ts";

interface Measured {
  readonly subject: Subject;
  /** From 0. */
  readonly step: number;
  /** In seconds, or as it is; 0 where nothing is measured. */
  readonly number: number;
  readonly atom: NumberAtom | undefined;
}

/** What a metrics query has to answer before topk and thresholds, by plain loops over all spans. */
export function metricsOracle(
  query: Query,
  spans: readonly Span[],
  options: MetricsOptions,
): Series[] {
  const { metrics } = query;
  if (metrics === null) {
    throw new Error("this is no metrics query");
  }
  const { startNs, endNs, stepNs } = options;
  const measured = runStages(query.stages, groupTraces(spans)).flatMap(({ trace, spans: kept }) =>
    kept
      .filter(({ startTimeUnixNano: at }) => at > startNs && at <= endNs)
      .map((span) => measure(span, wholeSubject(span, trace), metrics, options)),
  );
  const counted = measured.filter(
    ({ atom, number }) => metrics.of === null || (atom !== undefined && !Number.isNaN(number)),
  );
  const groups = [...groupByLabels(counted, metrics).values()];
  const isCount = metrics.function === "rate" || metrics.function === "count_over_time";
  if (groups.length === 0 && metrics.by.length === 0 && isCount) {
    groups.push({ labels: [], members: [] });
  }
  const steps = Number((endNs - startNs + stepNs - 1n) / stepNs);
  return groups.flatMap(({ labels, members }) =>
    createSeries(metrics, labels, groupSteps(members, steps), options),
  );
}

function measure(
  span: Span,
  subject: Subject,
  { of }: MetricsStage,
  { startNs, stepNs }: MetricsOptions,
): Measured {
  const atom = of === null ? undefined : findMeasured(readField(of, subject));
  const number = Number(atom?.value ?? 0) / (atom?.type === "duration" ? 1e9 : 1);
  // A step ends with its last nanosecond, and the first begins behind the start.
  const step = Number((span.startTimeUnixNano - startNs - 1n) / stepNs);
  return { subject, step, number, atom };
}

interface Group {
  readonly labels: KeyValue[];
  readonly members: Measured[];
}

function groupByLabels(measured: readonly Measured[], metrics: MetricsStage): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const one of measured) {
    const shown = metrics.by.map((field) => shownField(field, one.subject));
    const identity = JSON.stringify(shown.map((value) => value?.identity ?? null));
    const group = groups.get(identity) ?? {
      labels: createLabels(shown, metrics),
      members: [],
    };
    groups.set(identity, group);
    group.members.push(one);
  }
  return groups;
}

/** What is missing is no label. A series that would have none gets the first, as nil. */
function createLabels(shown: readonly (Shown | undefined)[], { by, function: name }: MetricsStage) {
  const labels = by.map((field, index) => ({ key: printField(field), value: shown[index]?.value }));
  const present = labels.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }]));
  const hasAnother = name === "quantile_over_time" || name === "histogram_over_time";
  return present.length > 0 || hasAnother
    ? present
    : labels.slice(0, 1).map(({ key }) => ({ key, value: text("nil") }));
}

function text(value: string): Value {
  return { type: "string", value };
}

/** The measured of each step, from the first to the last. */
function groupSteps(members: readonly Measured[], count: number): Measured[][] {
  return Array.from({ length: count }, (_, step) => members.filter((one) => one.step === step));
}

function createSeries(
  metrics: MetricsStage,
  labels: readonly KeyValue[],
  steps: readonly Measured[][],
  options: MetricsOptions,
): Series[] {
  const named = labels.length > 0 ? labels : [{ key: "__name__", value: text(metrics.function) }];
  const series = (more: KeyValue | null, value: (numbers: readonly number[]) => number | null) => ({
    labels: more === null ? named : [...labels, more],
    samples: steps.flatMap((step, index) => {
      const found = value(step.map(({ number }) => number));
      return found === null ? [] : [{ timestampMs: timestampMs(index, options), value: found }];
    }),
  });
  switch (metrics.function) {
    case "rate":
      return [series(null, (numbers) => numbers.length / (Number(options.stepNs) / 1e9))];
    case "count_over_time":
      return [series(null, (numbers) => numbers.length)];
    case "quantile_over_time":
      return metrics.quantiles.map((quantile) =>
        series(double("p", quantile), (numbers) =>
          computeQuantile(numbers, quantile, getUnit(steps)),
        ),
      );
    case "histogram_over_time": {
      const unit = getUnit(steps);
      const countBuckets = (numbers: readonly number[]) =>
        numbers.flatMap((number) => computeBucket(number, unit) ?? []);
      const buckets = new Set(countBuckets(steps.flat().map(({ number }) => number)));
      return [...buckets].map((bucket) =>
        series(
          double("__bucket", bucket),
          (numbers) => countBuckets(numbers).filter((one) => one === bucket).length,
        ),
      );
    }
    case "compare":
      throw new Error("the oracle does not know compare");
    default: {
      const name = metrics.function.slice(0, 3) as "min" | "max" | "avg" | "sum";
      return [series(null, (numbers) => (numbers.length === 0 ? null : summary(name, numbers)))];
    }
  }
}

/** How many of what is counted in powers of two are one of what the answer shows. */
function getUnit(steps: readonly Measured[][]): number {
  return steps.flat()[0]?.atom?.type === "duration" ? 1e9 : 1;
}

function double(key: string, value: number): KeyValue {
  return { key, value: { type: "double", value } };
}

function timestampMs(step: number, { startNs, stepNs }: MetricsOptions): number {
  return Number((startNs + BigInt(step + 1) * stepNs) / 1_000_000n);
}
