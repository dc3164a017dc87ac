import type { KeyValue, Span } from "#contract";
import type { Field, Query } from "#traceql";
import type { FoundSpan, FoundSpanset, FoundTrace } from "../../answer.ts";
import type { SearchOptions } from "../../search/search.ts";
import { wholeSubject } from "./fields.ts";
import { type Aggregate, type KeptSpanset, runStages } from "./pipeline.ts";
import { shownField } from "./shown-value.ts";
import {
  byStart,
  compareBigints,
  getDuration,
  getEnd,
  getService,
  groupTraces,
  type Trace,
} from "./trace.ts";

/** The aggregates are numbers here, because their last digits depend on the order of adding. */
export interface OracleTrace extends Omit<FoundTrace, "spansets"> {
  readonly spansets: readonly (FoundSpanset & { readonly aggregates: readonly Aggregate[] })[];
}

/** What a search has to answer, by plain loops over all spans. */
export function searchOracle(
  query: Query,
  spans: readonly Span[],
  options: SearchOptions,
): OracleTrace[] {
  const traces = groupTraces(spans).filter((trace) => overlaps(trace, options));
  const fields = fieldsIn(query.stages);
  const found = [...Map.groupBy(runStages(query.stages, traces), ({ trace }) => trace)].map(
    ([trace, spansets]) => ({ trace, spansets, newestNs: getNewest(spansets) }),
  );
  const newest = query.hints.some(({ value }) => value.type === "bool" && value.value)
    ? found.sort((one, other) => byStartOfTrace(one, other) || byId(other, one))
    : found
        .sort((one, other) => compareBigints(other.newestNs, one.newestNs) || byId(one, other))
        .slice(0, options.limit)
        .sort((one, other) => byStartOfTrace(one, other) || byId(one, other));
  return newest
    .slice(0, options.limit)
    .map(({ trace, spansets }) => toAnswer(trace, spansets, fields, options));
}

/** Whether one of its spans does. */
function overlaps({ spans }: Trace, { startNs, endNs }: SearchOptions): boolean {
  return spans.some(
    (span) =>
      (endNs === null || span.startTimeUnixNano <= endNs) &&
      (startNs === null || getEnd(span) >= startNs),
  );
}

function getNewest(spansets: readonly KeptSpanset[]): bigint {
  const starts = spansets.flatMap(({ spans }) => spans.map((span) => span.startTimeUnixNano));
  return starts.sort(compareBigints).at(-1) ?? 0n;
}

function byStartOfTrace(one: { trace: Trace }, other: { trace: Trace }): number {
  return compareBigints(other.trace.startNs, one.trace.startNs);
}

function byId(one: { trace: Trace }, other: { trace: Trace }): number {
  return one.trace.traceId < other.trace.traceId ? -1 : 1;
}

function toAnswer(
  trace: Trace,
  spansets: readonly KeptSpanset[],
  fields: readonly Field[],
  { spansPerSpanset }: SearchOptions,
): OracleTrace {
  const { traceId, startNs, endNs, root, spans } = trace;
  return {
    traceId,
    rootServiceName: root === undefined ? "<root span not yet received>" : getService(root),
    rootSpanName: root?.name ?? "",
    startNs,
    durationNs: endNs - startNs,
    services: [...Map.groupBy(spans, getService)].map(([name, ofService]) => ({
      name,
      spanCount: ofService.length,
      errorCount: ofService.filter(({ status }) => status.code === "error").length,
    })),
    spansets: spansets.map((spanset) => ({
      spans: [...spanset.spans]
        .sort(byStart)
        .slice(0, spansPerSpanset)
        .map((span) => toSpan(span, trace, fields)),
      matched: spanset.spans.length,
      attributes: spanset.groups,
      aggregates: spanset.aggregates,
    })),
  };
}

/** What a span or a trace of an answer has anyway. */
const unshown = [
  "span:name",
  "span:duration",
  "span:id",
  "trace:id",
  "trace:duration",
  "trace:rootName",
  "trace:rootService",
];

/** Keys in the older spelling, which Tempo uses. */
const olderKeys: Readonly<Record<string, string>> = {
  "span:status": "status",
  "span:statusMessage": "statusMessage",
  "span:kind": "kind",
};

function toSpan(span: Span, trace: Trace, fields: readonly Field[]): FoundSpan {
  const subject = wholeSubject(span, trace);
  const attributes = fields.flatMap((field): KeyValue[] => {
    const shown = shownField(field, subject);
    const isShown = field.type === "attribute" || !unshown.includes(field.name);
    const key = field.type === "attribute" ? field.name : (olderKeys[field.name] ?? field.name);
    return shown === undefined || !isShown ? [] : [{ key, value: shown.value }];
  });
  const isNamed = fields.some((field) => field.name === "span:name" && field.type === "intrinsic");
  return {
    spanId: span.spanId,
    name: isNamed ? span.name : null,
    startNs: span.startTimeUnixNano,
    durationNs: getDuration(span),
    attributes,
  };
}

/** Every field anywhere in a part of a query. */
function fieldsIn(part: unknown): Field[] {
  if (typeof part !== "object" || part === null) {
    return [];
  }
  return "type" in part && (part.type === "attribute" || part.type === "intrinsic")
    ? [part as Field]
    : Object.values(part).flatMap(fieldsIn);
}
