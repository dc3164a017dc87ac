/** For tests: what metrics must say, made of the spans that a receiver got and of nothing else. */
import assert from "node:assert/strict";
import { findValue, type MetricDefinition, type Span } from "#contract";
import { metrics, miniserve, spans } from "#miniserve";
import type { ReceivedMetric } from "../support/metric-receiver.ts";

/** Of each series, by its labels: a number, or what is in a histogram. */
export type Series = Readonly<
  Record<
    string,
    number | { readonly count: number; readonly sum: number; readonly buckets: readonly number[] }
  >
>;
export type Measured = Readonly<Record<string, Series>>;

const nanosecondsPerSecond = 1e9;

type Identifier = keyof typeof miniserve.attributes;

/** The metrics that come from spans, by identifier. */
export function computeMeasured(received: readonly Span[]): Measured {
  const values = new Map<MetricDefinition, [labels: string, value: number][]>();
  const add = (metric: MetricDefinition, from: readonly (Span | undefined)[], value: number) => {
    const labels = Object.keys(metric.attributes).map((identifier) => {
      const span = from.find((one) => given(one, identifier as Identifier) !== undefined);
      return [formatKey(identifier as Identifier), given(span, identifier as Identifier)];
    });
    const labelled: [string, number] = [labelText(Object.fromEntries(labels)), value];
    values.set(metric, [...(values.get(metric) ?? []), labelled]);
  };
  for (const root of received.filter(({ name }) => name === spans.handler.name)) {
    const child = ({ name }: { readonly name: string }) =>
      received.find((span) => span.parentSpanId === root.spanId && span.name === name);
    const [prefill, decode] = [child(spans.prefill), child(spans.decode)];
    const firstToken = readNumber(root, "timeToFirstTokenUs") / 1e6;
    const [tokensIn, hits] = [readNumber(prefill, "tokensIn"), readNumber(prefill, "cacheHits")];
    const tokensOut = readNumber(decode, "tokensOut");
    const isCompleted = given(root, "outcome") === "completed";
    const afterFirst = seconds(root.startTimeUnixNano, decode?.endTimeUnixNano ?? 0n) - firstToken;
    const seen: [MetricDefinition, Span | undefined, number][] = [
      [metrics.requestDuration, root, seconds(root.startTimeUnixNano, root.endTimeUnixNano)],
      [metrics.timeToFirstToken, root, firstToken],
      [metrics.tokensRead, prefill, tokensIn],
      [metrics.tokensCached, prefill, hits],
      [metrics.cacheHitRatio, prefill, hits / tokensIn],
      [metrics.tokensGenerated, decode, tokensOut],
    ];
    if (isCompleted && tokensOut > 1) {
      seen.push([metrics.timePerOutputToken, decode, afterFirst / (tokensOut - 1)]);
    }
    for (const [metric, span, value] of seen) {
      if (!Number.isNaN(value)) {
        add(metric, [span, root], value);
      }
    }
  }
  return Object.fromEntries(
    [...values].map(([metric, all]) => [metric.identifier, createSeries(metric, all)]),
  );
}

function createSeries({ buckets }: MetricDefinition, values: readonly [string, number][]): Series {
  const byLabels = Map.groupBy(values, ([labels]) => labels);
  return Object.fromEntries(
    [...byLabels].map(([labels, all]) => {
      const sum = all.reduce((total, [, value]) => total + value, 0);
      if (buckets === undefined) {
        return [labels, sum];
      }
      const counts = [...buckets, Number.POSITIVE_INFINITY].map((bound, index) => {
        const above = buckets[index - 1] ?? Number.NEGATIVE_INFINITY;
        return all.filter(([, value]) => value > above && value <= bound).length;
      });
      return [labels, { count: all.length, sum, buckets: counts }];
    }),
  );
}

function seconds(from: bigint, to: bigint): number {
  return Number(to - from) / nanosecondsPerSecond;
}

function formatKey(identifier: Identifier): string {
  return miniserve.attributes[identifier].key.replaceAll(".", "_");
}

function given(span: Span | undefined, identifier: Identifier): unknown {
  const value = findValue(span?.attributes ?? [], miniserve.attributes[identifier].key);
  return value !== undefined && "value" in value ? value.value : undefined;
}

/** NaN where the span has none. */
function readNumber(span: Span | undefined, identifier: Identifier): number {
  return Number(given(span, identifier) ?? Number.NaN);
}

function labelText(labels: Readonly<Record<string, unknown>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(" ");
}

/** Metrics that came over OTLP, by identifier. */
export function measuredOverOtlp(received: readonly ReceivedMetric[]): Measured {
  return Object.fromEntries(
    Object.values<MetricDefinition>(metrics).flatMap((metric) => {
      const found = received.find(({ name }) => name === metric.name);
      if (found === undefined) {
        return [];
      }
      assert.equal(found.unit, metric.unit);
      const points = (found.gauge ?? found.sum ?? found.histogram)?.dataPoints ?? [];
      const series = points.map(
        ({ attributes = [], asDouble, asInt, count, sum, bucketCounts }) => [
          labelText(
            Object.fromEntries(
              attributes.map(({ key, value }) => [key.replaceAll(".", "_"), value.stringValue]),
            ),
          ),
          bucketCounts === undefined
            ? (asDouble ?? asInt ?? 0)
            : { count: count ?? 0, sum: sum ?? 0, buckets: bucketCounts },
        ],
      );
      return [[metric.identifier, Object.fromEntries(series)]];
    }),
  );
}

/** The same for Prometheus's text: a reader of its own, so that what is written wrongly is not read rightly. */
export function measuredInText(text: string): Measured {
  const samples = text
    .split("\n")
    .flatMap((line) =>
      [/^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []].filter(({ length }) => length > 0),
    )
    .map(([, name = "", labels = "", value = ""]) => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, label]) => [key, label]),
      ) as Record<string, string>,
      value: Number(value),
    }));
  const named = (name: string) => samples.filter((sample) => sample.name === name);
  return Object.fromEntries(
    Object.values<MetricDefinition>(metrics).flatMap((metric) => {
      const name = prometheusNames[metric.identifier as keyof typeof metrics];
      const series =
        metric.instrument === "histogram"
          ? named(`${name}_count`).map(({ labels, value: count }) => {
              const ofSeries = (suffix: string) =>
                named(`${name}${suffix}`).filter(
                  ({ labels: { le: _, ...others } }) => labelText(others) === labelText(labels),
                );
              const upTo = ofSeries("_bucket").map(({ value }) => value);
              const bounds = ofSeries("_bucket").map(({ labels: { le } }) => le);
              assert.deepEqual(bounds, [...(metric.buckets ?? []), "+Inf"].map(String));
              const buckets = upTo.map((value, index) => value - (upTo[index - 1] ?? 0));
              return [
                labelText(labels),
                { count, sum: ofSeries("_sum")[0]?.value, buckets },
              ] as const;
            })
          : named(name).map(({ labels, value }) => [labelText(labels), value] as const);
      return series.length === 0 ? [] : [[metric.identifier, Object.fromEntries(series)]];
    }),
  ) as Measured;
}

/** Written out once more: panels and alerts of other people ask by these names. */
const prometheusNames: Readonly<Record<keyof typeof metrics, string>> = {
  requestDuration: "gen_ai_server_request_duration_seconds",
  timeToFirstToken: "gen_ai_server_time_to_first_token_seconds",
  timePerOutputToken: "gen_ai_server_time_per_output_token_seconds",
  tokensRead: "miniserve_input_tokens_total",
  tokensCached: "miniserve_input_cached_tokens_total",
  cacheHitRatio: "miniserve_cache_hit_ratio",
  tokensGenerated: "miniserve_output_tokens_total",
  queueDepth: "miniserve_queue_depth",
  slotsUsed: "miniserve_slots_used",
  slotsLimit: "miniserve_slots_limit",
  spansEnded: "miniserve_spans_ended_total",
  spansAccepted: "miniserve_spans_accepted_total",
  exportsFailed: "miniserve_exports_failed_total",
  spansDropped: "miniserve_spans_dropped_total",
};

/** That both say the same, but for the last digits of sums, which are added in any order. */
export function assertSame(seen: Measured, expected: Measured, which: string): void {
  const rounded = (measured: Measured): unknown =>
    JSON.parse(JSON.stringify(measured), (_, value: unknown) =>
      typeof value === "number" ? Number(value.toPrecision(9)) : value,
    );
  const sorted = (measured: Measured) =>
    Object.fromEntries(
      Object.entries(measured).map(([metric, series]) => [
        metric,
        Object.fromEntries(Object.entries(series).sort(([one], [other]) => (one < other ? -1 : 1))),
      ]),
    );
  assert.deepEqual(rounded(sorted(seen)), rounded(sorted(expected)), which);
}
