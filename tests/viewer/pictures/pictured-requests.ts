/** For pictures of the viewer: some hours of requests, and what the server logged of one of them. */
import type { Contract, Span } from "#contract";
import { logEvents, miniserve } from "#miniserve";
import { SyntheticTraces } from "../../../scripts/bench/traceql/span-load.ts";

const seed = 20_251_127;
const youngestMs = 90_000;
const tree: Contract["spans"] = miniserve.spans;

/** Requests in the order of their starts: more in the middle of the time than at its ends. */
export function picturedRequests(count: number, hours: number): Span[][] {
  const traces = new SyntheticTraces(seed);
  const toMs = Date.now() - youngestMs;
  const lengthMs = hours * 3_600_000;
  return Array.from({ length: count }, (_, index) => {
    const share = index / count;
    // A wave: its slope is how far apart requests are.
    const place = share + Math.sin(share * 4 * Math.PI) / 20;
    return traces.next(BigInt(Math.round(toMs - lengthMs * (1 - place))) * 1_000_000n);
  });
}

/** The lines that the server writes of a request, from its spans. */
export function createRequestLines(spans: readonly Span[]): object[] {
  const named = new Map(spans.map((span) => [span.name, span]));
  const root = named.get(miniserve.spans.handler.name);
  if (root === undefined) {
    return [];
  }
  const { requestReceived, slotAcquired, requestFinished } = logEvents;
  const lines = Object.values(logEvents).flatMap((event) => {
    const span = event.span === null ? undefined : named.get(tree[event.span]?.name ?? "");
    if (span === undefined) {
      return [];
    }
    const isAtStart = event === requestReceived || event === slotAcquired;
    const at = isAtStart ? span.startTimeUnixNano : span.endTimeUnixNano;
    const waited = event === slotAcquired ? readSlotWaitUs(span) * 1_000n : 0n;
    return [{ event, span, ms: Number((at + waited) / 1_000_000n) }];
  });
  const known = new Set<unknown>([requestReceived, slotAcquired, requestFinished]);
  return lines
    .filter(({ event, span }) => span !== root || known.has(event))
    .toSorted((one, other) => one.ms - other.ms)
    .map(({ event, span, ms }) => ({
      time: new Date(ms).toISOString(),
      level: event.level,
      event: event.name,
      trace_id: span.traceId,
      span_id: span.spanId,
      ...collectFields(event.fields, span),
    }));
}

function readSlotWaitUs({ attributes }: Span): bigint {
  const { key: wanted } = miniserve.attributes.slotWaitUs;
  const value = attributes.find(({ key }) => key === wanted)?.value;
  return value?.type === "int" ? value.value : 0n;
}

type Fields = (typeof logEvents)["requestReceived"]["fields"];

/** Those of a line's fields that its span has as attributes. */
function collectFields(fields: Fields, span: Span): Record<string, unknown> {
  const values = new Map(span.attributes.map(({ key, value }) => [key, value]));
  return Object.fromEntries(
    Object.values(fields).flatMap(({ key }) => {
      const value = values.get(key);
      if (value === undefined || !("value" in value)) {
        return [];
      }
      return [[key, typeof value.value === "bigint" ? Number(value.value) : value.value]];
    }),
  );
}
