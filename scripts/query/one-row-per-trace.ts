import type { TempoAttribute, TempoFoundSpan, TempoFoundTrace } from "../../stack/index.ts";

/**
 * Each trace with one span that says what its found spans say, so that a request that several spans
 * speak of is one row. It lasts as long as the trace.
 */
export function oneRowPerTrace(trace: TempoFoundTrace): TempoFoundTrace {
  const spans = (trace.spanSets ?? [])
    .flatMap((spanSet) => spanSet.spans ?? [])
    .sort((one, other) => (startOf(one) < startOf(other) ? -1 : 1));
  if (spans.length <= 1) {
    return trace;
  }
  const span: TempoFoundSpan = {
    name: [...new Set(spans.map(({ name = "" }) => name))].filter(Boolean).join(" "),
    startTimeUnixNano: trace.startTimeUnixNano ?? "0",
    durationNanos: String(BigInt(trace.durationMs ?? 0) * 1_000_000n),
    attributes: mergedAttributes(spans),
  };
  return { ...trace, spanSets: [{ matched: 1, spans: [span] }] };
}

function startOf({ startTimeUnixNano = "0" }: TempoFoundSpan): bigint {
  return BigInt(startTimeUnixNano);
}

/** Of an attribute on which spans differ, each value once, in the order of the spans. */
function mergedAttributes(spans: readonly TempoFoundSpan[]): TempoAttribute[] {
  const attributes = spans.flatMap((span) => span.attributes ?? []).filter(hasValue);
  return [...Map.groupBy(attributes, ({ key }) => key)].map(([key, same]) => {
    const texts = [...new Set(same.map(({ value }) => String(Object.values(value ?? {})[0])))];
    const [first] = same;
    return texts.length === 1 && first !== undefined
      ? first
      : { key, value: { stringValue: texts.join(", ") } };
  });
}

/** Tempo writes the string nil where a selected attribute is missing. */
function hasValue({ value }: TempoAttribute): boolean {
  return value !== undefined && value.stringValue !== "nil";
}
