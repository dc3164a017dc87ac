import type { KeyValue, Value } from "#contract";
import type { FoundTrace, Series, TagValue } from "../traceql/index.ts";

/**
 * The JSON of Tempo's answers, which is protobuf's: 64-bit integers are strings, and members with the
 * value zero are left out.
 */

/** In pieces, since there may be thousands of traces. */
export function* searchText(traces: readonly FoundTrace[]): Generator<string, void> {
  yield '{"traces":[';
  for (const [index, trace] of traces.entries()) {
    yield (index === 0 ? "" : ",") + JSON.stringify(writeTrace(trace));
  }
  yield '],"metrics":{}}';
}

function writeTrace(trace: FoundTrace): unknown {
  const spanSets = trace.spansets.map(({ spans, matched, attributes }) => ({
    spans: spans.map((span) => ({
      spanID: span.spanId,
      ...(span.name === null ? {} : { name: span.name }),
      startTimeUnixNano: String(span.startNs),
      durationNanos: String(span.durationNs),
      ...some("attributes", span.attributes.map(writeAttribute)),
    })),
    matched,
    ...some("attributes", attributes.map(writeAttribute)),
  }));
  const durationMs = getDurationMs(trace);
  return {
    traceID: trace.traceId,
    rootServiceName: trace.rootServiceName,
    ...(trace.rootSpanName === "" ? {} : { rootTraceName: trace.rootSpanName }),
    startTimeUnixNano: String(trace.startNs),
    ...(durationMs === 0 ? {} : { durationMs }),
    ...(spanSets.length === 0 ? {} : { spanSet: spanSets[0], spanSets }),
    ...(trace.services.length === 0 ? {} : { serviceStats: writeServices(trace.services) }),
  };
}

function writeServices(services: FoundTrace["services"]): unknown {
  return Object.fromEntries(
    services.map(({ name, spanCount, errorCount }) => [
      name,
      { spanCount, ...(errorCount === 0 ? {} : { errorCount }) },
    ]),
  );
}

function some(member: string, items: readonly unknown[]): Record<string, unknown> {
  return items.length === 0 ? {} : { [member]: items };
}

function writeAttribute({ key, value }: KeyValue): unknown {
  return { key, value: writeValue(value) };
}

function writeValue(value: Value): unknown {
  switch (value.type) {
    case "string":
      return { stringValue: value.value };
    case "int":
      return { intValue: String(value.value) };
    case "double":
      return { doubleValue: writeDouble(value.value) };
    case "bool":
      return { boolValue: value.value };
    case "array":
      return { arrayValue: { values: value.value.map(writeValue) } };
    default:
      return {};
  }
}

function writeDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Labels that a metrics function makes, and no span has. */
const isOfFunction = /^(__name__|__bucket|p)$/;

/**
 * Samples over time, as JSON text in pieces. Put together here, because thousands of samples as
 * objects take three times as long.
 */
export function* seriesText(series: readonly Series[]): Generator<string, void> {
  yield '{"series":[';
  for (const [index, { labels, samples, exemplars = [] }] of series.entries()) {
    const members = [
      `"labels":${JSON.stringify(labels.map(writeAttribute))}`,
      `"samples":[${samples.map(writeSample).join(",")}]`,
      ...(exemplars.length === 0
        ? []
        : [`"exemplars":${JSON.stringify(exemplars.map((one) => writeExemplar(one, labels)))}`]),
    ];
    yield `${index === 0 ? "" : ","}{${members.join(",")}}`;
  }
  yield '],"metrics":{}}';
}

function writeSample({ timestampMs, value }: Series["samples"][number]): string {
  const time = `{"timestampMs":"${timestampMs}"`;
  return value === 0 ? `${time}}` : `${time},"value":${JSON.stringify(writeDouble(value))}}`;
}

function writeExemplar(
  { traceId, timestampMs, value }: NonNullable<Series["exemplars"]>[number],
  labels: Series["labels"],
): Record<string, unknown> {
  return {
    labels: [
      { key: "trace:id", value: { stringValue: traceId } },
      ...labels.filter(({ key }) => !isOfFunction.test(key)).map(writeAttribute),
    ],
    ...(value === 0 ? {} : { value: writeDouble(value) }),
    timestampMs: String(timestampMs),
  };
}

/** One value for each series. */
export function writeInstant(series: readonly Series[]): unknown {
  const written = series.flatMap(({ labels, samples }) =>
    samples.slice(-1).map(({ value }) => ({
      labels: labels.map(writeAttribute),
      ...(value === 0 ? {} : { value: writeDouble(value) }),
    })),
  );
  return { ...some("series", written), metrics: {} };
}

export function writeTagValues(values: readonly TagValue[]): unknown {
  return {
    tagValues: values.map(({ type, value }) => ({ type, ...(value === "" ? {} : { value }) })),
    metrics: {},
  };
}

/** The field of Tempo's answers has 32 bits, and Grafana refuses a whole answer for a larger one. */
const most = 2n ** 32n - 1n;

/** How long a trace took, in whole milliseconds. */
export function getDurationMs({ durationNs }: { readonly durationNs: bigint }): number {
  const durationMs = durationNs / 1_000_000n;
  return Number(durationMs > most ? most : durationMs);
}
