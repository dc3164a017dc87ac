import type { KeyValue, Span, Value } from "#contract";
import {
  type Expression,
  foldConstants,
  type Scalar,
  type ScalarFilter,
  type Stage,
} from "#traceql";
import { printExpression } from "../../print-expression.ts";
import { findMeasured, orderHolds, readLiteralAtom } from "./atoms.ts";
import { evaluate } from "./expressions.ts";
import { wholeSubject } from "./fields.ts";
import { shownExpression } from "./shown-value.ts";
import { keptBy } from "./spansets.ts";
import type { Trace } from "./trace.ts";

/** The spans of one trace, or of one group in it, that are left at some point of a pipeline. */
export interface KeptSpanset {
  readonly trace: Trace;
  readonly spans: readonly Span[];
  readonly groups: readonly KeyValue[];
  readonly aggregates: readonly Aggregate[];
}

export interface Aggregate {
  /** As in the query: `avg(duration)`. */
  readonly name: string;
  readonly value: number;
  /** In nanoseconds, then. */
  readonly isDuration: boolean;
}

export function runStages(stages: readonly Stage[], traces: readonly Trace[]): KeptSpanset[] {
  return runPipeline(
    stages,
    traces.map((trace) => ({ trace, spans: trace.spans, groups: [], aggregates: [] })),
  );
}

function runPipeline(stages: readonly Stage[], spansets: readonly KeptSpanset[]): KeptSpanset[] {
  return stages.reduce<KeptSpanset[]>((kept, stage) => runStage(stage, kept), [...spansets]);
}

function runStage(stage: Stage, spansets: readonly KeptSpanset[]): KeptSpanset[] {
  switch (stage.type) {
    case "spanset":
      if (stage.spanset.type === "pipeline") {
        return runPipeline(stage.spanset.stages, spansets);
      }
      return spansets
        .map((one) => ({
          ...one,
          spans: [...keptBy(stage.spanset, one.spans, one.trace, keptByStages)],
        }))
        .filter(({ spans }) => spans.length > 0);
    case "by":
      return spansets.flatMap((spanset) => groupBy(stage.expression, spanset));
    case "coalesce":
      return [...Map.groupBy(spansets, ({ trace }) => trace)].map(([trace, ofTrace]) => ({
        trace,
        spans: ofTrace.flatMap(({ spans }) => spans),
        groups: [],
        aggregates: [],
      }));
    case "select":
      return [...spansets];
    case "scalarFilter":
      return spansets.flatMap((spanset) => filterByScalar(stage, spanset));
    default:
      return stage satisfies never;
  }
}

function keptByStages(stages: readonly Stage[], trace: Trace): Span[] {
  return runStages(stages, [trace]).flatMap(({ spans }) => [...spans]);
}

function groupBy(expression: Expression, spanset: KeptSpanset): KeptSpanset[] {
  const key = `by(${nameExpression(expression)})`;
  const groups = new Map<string, { value: Value; spans: Span[] }>();
  for (const span of spanset.spans) {
    const { identity, value } = shownExpression(expression, wholeSubject(span, spanset.trace));
    const group = groups.get(identity) ?? { value, spans: [] };
    groups.set(identity, group);
    group.spans.push(span);
  }
  return [...groups.values()].map(({ value, spans }) => ({
    ...spanset,
    spans,
    groups: [...spanset.groups, { key, value }],
  }));
}

/** As answers name it; what is known without a span is calculated there. */
function nameExpression(expression: Expression): string {
  return printExpression(foldConstants(expression));
}

function filterByScalar(stage: ScalarFilter, spanset: KeptSpanset): KeptSpanset[] {
  const found: Aggregate[] = [];
  const left = computeScalar(stage.left, spanset, found);
  const right = computeScalar(stage.right, spanset, found);
  if (left === undefined || right === undefined || !orderHolds(left, stage.operator, right)) {
    return [];
  }
  return [{ ...spanset, aggregates: [...spanset.aggregates, ...found] }];
}

/** @returns undefined when there was nothing to calculate it from. */
function computeScalar(
  scalar: Scalar,
  spanset: KeptSpanset,
  found: Aggregate[],
): number | undefined {
  switch (scalar.type) {
    case "literal": {
      const atom = readLiteralAtom(scalar.literal);
      return atom === undefined ? undefined : Number(atom.value);
    }
    case "aggregate":
      return computeAggregate(scalar, spanset, found);
    default:
      return scalar satisfies never;
  }
}

function computeAggregate(
  { function: name, of }: Extract<Scalar, { type: "aggregate" }>,
  { spans, trace }: KeptSpanset,
  found: Aggregate[],
): number | undefined {
  if (of === null || name === "count") {
    found.push({ name: "count()", value: spans.length, isDuration: false });
    return spans.length;
  }
  const atoms = spans.flatMap(
    (span) => findMeasured(evaluate(of, wholeSubject(span, trace))) ?? [],
  );
  if (atoms.length === 0) {
    return undefined;
  }
  const isDuration = atoms.every(({ type }) => type === "duration");
  const exact = summary(
    name,
    atoms.map((atom) => Number(atom.value)),
  );
  // There is no part of a nanosecond.
  const value = isDuration ? Math.trunc(exact) : exact;
  found.push({ name: `${name}(${nameExpression(of)})`, value, isDuration });
  return value;
}

/** @param numbers At least one. */
export function summary(name: "min" | "max" | "avg" | "sum", numbers: readonly number[]): number {
  const sum = numbers.reduce((total, number) => total + number, 0);
  switch (name) {
    case "min":
      return Math.min(...numbers);
    case "max":
      return Math.max(...numbers);
    case "sum":
      return sum;
    case "avg":
      return sum / numbers.length;
    default:
      return name satisfies never;
  }
}
