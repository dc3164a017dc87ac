import type { KeyValue } from "#contract";
import type { SeriesStage } from "#traceql";
import type { FoundSpan, FoundSpanset, FoundTrace, Series } from "../../answer.ts";
import { orderHolds, readLiteralAtom } from "./atoms.ts";
import type { Aggregate } from "./pipeline.ts";
import type { OracleTrace } from "./search.ts";

/** @returns What differs, or null when the engine's answer is the oracle's. */
export function searchDifference(
  found: readonly FoundTrace[],
  expected: readonly OracleTrace[],
): string | null {
  const [ids, expectedIds] = [found, expected].map((traces) =>
    traces.map(({ traceId }) => traceId),
  );
  if (String(ids) !== String(expectedIds)) {
    return `traces ${ids}, expected ${expectedIds}`;
  }
  return findFirstDifference(found, (trace, index) => {
    const other = expected[index] as OracleTrace;
    const [summary, expectedSummary] = [trace, other].map((one) =>
      written({ ...one, spansets: [], services: [...one.services].sort(byName) }),
    );
    return summary === expectedSummary
      ? spansetsDifference(trace.spansets, other.spansets)
      : `trace ${summary}, expected ${expectedSummary}`;
  });
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}

type ExpectedSpanset = OracleTrace["spansets"][number];

/** Groups stand in no order. */
function spansetsDifference(
  found: readonly FoundSpanset[],
  expected: readonly ExpectedSpanset[],
): string | null {
  const groupCount = (expected[0]?.attributes ?? []).length;
  const ours = found.map((spanset) => ({
    text: spansetText(spanset, spanset.attributes.slice(0, groupCount)),
    aggregates: spanset.attributes.slice(groupCount),
  }));
  const theirs = expected.map((spanset) => ({
    text: spansetText(spanset, spanset.attributes),
    aggregates: spanset.aggregates,
  }));
  ours.sort(byText);
  theirs.sort(byText);
  const [texts, expectedTexts] = [ours, theirs].map((side) => side.map(({ text }) => text));
  if (String(texts) !== String(expectedTexts)) {
    return `spansets\n  ${texts?.join("\n  ")}\nexpected\n  ${expectedTexts?.join("\n  ")}`;
  }
  return findFirstDifference(ours, ({ aggregates }, index) =>
    aggregatesDifference(aggregates, theirs[index]?.aggregates ?? []),
  );
}

function byText(one: { text: string }, other: { text: string }): number {
  return one.text < other.text ? -1 : 1;
}

function spansetText(
  { spans, matched }: Pick<FoundSpanset, "spans" | "matched">,
  groups: readonly KeyValue[],
): string {
  return written([groups, matched, spans.map(spanText)]);
}

/** Of a key that several fields have, each value once, in no order. */
function spanText(span: FoundSpan): string {
  const attributes = [...new Set(span.attributes.map(written))].sort();
  return written({ ...span, attributes });
}

function aggregatesDifference(
  found: readonly KeyValue[],
  expected: readonly Aggregate[],
): string | null {
  const isSame =
    found.length === expected.length &&
    found.every((attribute, index) => isAggregate(attribute, expected[index] as Aggregate));
  return isSame ? null : `aggregates ${written(found)}, expected ${written(expected)}`;
}

function isAggregate({ key, value }: KeyValue, expected: Aggregate): boolean {
  if (key !== expected.name) {
    return false;
  }
  if (expected.isDuration) {
    return value.type === "string" && parseNanoseconds(value.value) === expected.value;
  }
  return (
    (value.type === "int" || value.type === "double") && isNear(Number(value.value), expected.value)
  );
}

const nanosecondsPerUnit: Readonly<Record<string, number>> = {
  h: 3600e9,
  m: 60e9,
  s: 1e9,
  ms: 1e6,
  µs: 1e3,
  ns: 1,
};

/** Of a duration as Go writes it. */
function parseNanoseconds(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|µs|ns|s)/g)];
  const total = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (nanosecondsPerUnit[unit ?? ""] ?? Number.NaN),
    0,
  );
  return Math.round(text.startsWith("-") ? -total : total);
}

function isNear(one: number, other: number): boolean {
  return Object.is(one, other) || Math.abs(one - other) <= 1e-9 * Math.abs(other);
}

/**
 * Of values that are equal topk may keep any, as long as it keeps as many: so at each step the values
 * that are left are compared, and each must be one that its series had before.
 * @param expected Before the stages behind the metrics function.
 */
export function seriesDifference(
  found: readonly Series[],
  expected: readonly Series[],
  stages: readonly SeriesStage[],
): string | null {
  const stranger = found.find((series) => !hasExpectedSamples(series, expected));
  if (stranger !== undefined) {
    return `series ${written(stranger)}, expected of ${written(expected)}`;
  }
  const [labels, expectedLabels] = [found, expected].map((all) => all.map(labelsText).sort());
  const isWhole = stages.length > 0 || String(labels) === String(expectedLabels);
  const [left, expectedLeft] = [valuesByStep(found), applied(valuesByStep(expected), stages)];
  const isSame = [...left.keys(), ...expectedLeft.keys()].every((step) =>
    areNear(left.get(step) ?? [], expectedLeft.get(step) ?? []),
  );
  return isWhole && isSame
    ? null
    : `series ${written(found)}, expected ${written(expected)} with stages`;
}

function labelsText({ labels }: Series): string {
  return written(labels);
}

/** A value `nil` and a missing one make series of the same labels. */
function hasExpectedSamples(series: Series, expected: readonly Series[]): boolean {
  const labels = labelsText(series);
  const samples = expected
    .filter((other) => labelsText(other) === labels)
    .flatMap((other) => other.samples);
  return series.samples.every(({ timestampMs, value }) =>
    samples.some((other) => other.timestampMs === timestampMs && isNear(value, other.value)),
  );
}

type ValuesByStep = ReadonlyMap<number, readonly number[]>;

function valuesByStep(series: readonly Series[]): ValuesByStep {
  const samples = series.flatMap((one) => one.samples);
  return new Map(
    [...Map.groupBy(samples, ({ timestampMs }) => timestampMs)].map(([step, ofStep]) => [
      step,
      ofStep.map(({ value }) => value),
    ]),
  );
}

function applied(values: ValuesByStep, stages: readonly SeriesStage[]): ValuesByStep {
  return new Map(
    [...values].map(([step, ofStep]) => [
      step,
      stages.reduce<readonly number[]>((kept, stage) => applyStage(kept, stage), ofStep),
    ]),
  );
}

function applyStage(values: readonly number[], stage: SeriesStage): readonly number[] {
  if (stage.type === "threshold") {
    const atom = readLiteralAtom(stage.value);
    const limit = Number(atom?.value) / (atom?.type === "duration" ? 1e9 : 1);
    return values.filter((value) => orderHolds(value, stage.operator, limit));
  }
  const sign = stage.type === "topk" ? -1 : 1;
  return [...values].sort((one, other) => sign * (one - other)).slice(0, stage.count);
}

function areNear(one: readonly number[], other: readonly number[]): boolean {
  const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
  const expected = sorted(other);
  return (
    one.length === other.length &&
    sorted(one).every((value, index) => isNear(value, expected[index] ?? Number.NaN))
  );
}

function findFirstDifference<Item>(
  items: readonly Item[],
  difference: (item: Item, index: number) => string | null,
): string | null {
  for (const [index, item] of items.entries()) {
    const found = difference(item, index);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

/** JSON with sorted keys, and with what JSON has no form for. */
export function written(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner === "bigint") {
      return `${inner}n`;
    }
    if (typeof inner === "number" && (!Number.isFinite(inner) || Object.is(inner, -0))) {
      return `number ${Object.is(inner, -0) ? "-0" : inner}`;
    }
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? Object.fromEntries(Object.entries(inner).sort(byKey)) : inner;
  });
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}
