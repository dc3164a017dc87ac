import type { KeyValue, Span, Value } from "#contract";
import { miniserve } from "#miniserve";
import { dedicatedColumns } from "../../../stack/deployment/pipeline/tempo/dedicated-columns.ts";
import { firstStartNs } from "../../../stack/trace-store/traceql/testing/oracle/random-spans.ts";

/**
 * Its elements are of one type, and it has some. The text `nil` is none: as a label Tempo writes what is
 * missing so, and makes one series of both.
 */
function isTame(value: Value): boolean {
  switch (value.type) {
    case "string":
      return value.value !== "nil";
    case "bool":
    case "int":
      return true;
    case "double":
      return Number.isFinite(value.value);
    case "array": {
      const types = new Set(value.value.map(({ type }) => type));
      return types.size === 1 && value.value.every((one) => one.type !== "array" && isTame(one));
    }
    default:
      return false;
  }
}

/** They have dedicated columns in the generated configuration, which lose all but strings. */
const textColumns = new Set(dedicatedColumns([miniserve]).map(({ name }) => name));

/** Each key once, with a value that a real Tempo keeps as it is. */
function tameAttributes(attributes: readonly KeyValue[]): KeyValue[] {
  const keys = attributes.map(({ key }) => key);
  return attributes.filter(
    ({ key, value }, index) =>
      isTame(value) &&
      keys.indexOf(key) === index &&
      (value.type === "string" || !textColumns.has(key)),
  );
}

const longestNs = 90_000_000_000n;

/** Nothing of a span is before its start, nor so late that a store would take it for the fault of a clock. */
function tameOffset(ns: bigint): bigint {
  return ns < 0n ? 0n : ns > longestNs ? longestNs : ns;
}

function formatScopeName({ name, version }: Span["scope"]): string {
  return `${name} ${version}`;
}

/**
 * Random spans as common senders make them: whole trees, each id once, no end before the start. What a
 * real Tempo 3.0.3 does with the others is told by the conformance table.
 * @param startNs When the first of them may begin.
 */
export function tameSpans(spans: readonly Span[], startNs: bigint): Span[] {
  const scopes = Map.groupBy(
    spans.map(({ scope }) => scope),
    formatScopeName,
  );
  return [...Map.groupBy(spans, ({ traceId }) => traceId)].flatMap(([traceId, ofTrace], number) => {
    const id = (index: number) => `c${number}${index.toString(16).padStart(14, "0")}`;
    return ofTrace.map((span, index) => {
      const start = startNs + span.startTimeUnixNano - firstStartNs;
      const length = span.endTimeUnixNano - span.startTimeUnixNano;
      const parent = Number.parseInt(span.parentSpanId ?? "0", 16) % (index + 1);
      return {
        ...span,
        traceId: `f${traceId.slice(1)}`,
        spanId: id(index),
        parentSpanId: index === 0 ? null : id(parent % index),
        startTimeUnixNano: start,
        // Of shorter ones a real Tempo makes no histogram.
        endTimeUnixNano: start + (length < 2n ? 2n : tameOffset(length)),
        attributes: tameAttributes(span.attributes),
        events: span.events.map((event) => ({
          ...event,
          timeUnixNano: start + tameOffset(event.timeUnixNano - span.startTimeUnixNano),
          attributes: tameAttributes(event.attributes),
        })),
        links: span.links.map((link) => ({
          ...link,
          traceId: `e${link.traceId.slice(1)}`,
          attributes: tameAttributes(link.attributes),
        })),
        resource: { ...span.resource, attributes: tameAttributes(span.resource.attributes) },
        // Tempo takes scopes that differ in their attributes alone for one.
        scope: {
          ...span.scope,
          attributes: tameAttributes(
            scopes.get(formatScopeName(span.scope))?.[0]?.attributes ?? [],
          ),
        },
      };
    });
  });
}
