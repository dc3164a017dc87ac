import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type Span, type SpanDefinition, validateTrace } from "#contract";
import { logEvents, miniserve, spans } from "#miniserve";
import type { OtlpReceiver } from "./otlp-receiver.ts";
import { patienceMs } from "./patience.ts";
import type { LogLine } from "./server-process.ts";
import { completeTree, formatTree } from "./traces/complete-request.ts";

/** What one request left behind. */
export interface RequestRecord {
  readonly traceId: string;
  /** In the order in which they started. */
  readonly spans: readonly Span[];
  /** The lines with the trace's id, in the order in which they were written. */
  readonly lines: readonly LogLine[];
}

/** Waits until a request's root span has arrived and its last line is written. */
export async function createRequestRecord(
  server: { readonly lines: readonly LogLine[] },
  receiver: OtlpReceiver,
  traceId: string,
): Promise<RequestRecord> {
  await receiver.waitFor(
    `the root span of ${traceId}`,
    () => receiver.findSpans(traceId).some(isRoot),
    patienceMs,
  );
  await waitForEnd(server, traceId);
  return {
    traceId,
    spans: receiver.findSpans(traceId).sort(byStart),
    lines: server.lines.filter((line) => line.trace_id === traceId),
  };
}

async function waitForEnd(
  server: { readonly lines: readonly LogLine[] },
  traceId: string,
): Promise<void> {
  const isEnd = ({ event, trace_id }: LogLine): boolean =>
    event === logEvents.requestFinished.name && trace_id === traceId;
  for (const giveUpAt = performance.now() + patienceMs; !server.lines.some(isEnd); await delay(5)) {
    assert.ok(performance.now() < giveUpAt, `No last line of ${traceId} within ${patienceMs} ms.`);
  }
}

/** That the trace is as contracted, and that the lines belong to it. */
export function assertSound({ spans, lines, traceId }: RequestRecord): void {
  assert.deepEqual(validateTrace(miniserve, spans), []);
  const spanIds = new Set(spans.map(({ spanId }) => spanId));
  for (const line of lines) {
    assert.ok(spanIds.has(line.span_id ?? ""), `${line.event} has the span id of no span`);
  }
  const times = lines.map(({ time }) => time);
  assert.deepEqual(times, times.toSorted());
  assert.match(traceId, /^[0-9a-f]{32}$/);
}

const complaints: ReadonlySet<string> = new Set(
  [
    logEvents.contractViolated,
    logEvents.libraryMessage,
    logEvents.tracingMessage,
    logEvents.exportOutageBegan,
    logEvents.spansLost,
    logEvents.logOutputFailed,
    logEvents.serverFailed,
  ].map(({ name }) => name),
);

/** That the server has nothing to say against itself: what a client does is never its defect. */
export function assertNoComplaints(lines: readonly LogLine[]): void {
  assert.deepEqual(
    lines.filter(({ event }) => complaints.has(event)),
    [],
  );
}

/** The spans as `name < name of the parent`, in the order in which they started. */
export function listTree({ spans }: RequestRecord): string[] {
  return formatTree(spans);
}

/** The events of the lines, each with the span that it was written in. */
export function listLogSequence({ spans, lines }: RequestRecord): string[] {
  const nameById = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return lines.map(({ event, span_id }) => `${event} @ ${nameById.get(span_id ?? "")}`);
}

/** A span of the record by its definition. */
export function getSpan({ spans }: RequestRecord, definition: SpanDefinition): Span {
  const found = spans.filter(({ name }) => name === definition.name);
  assert.equal(found.length, 1, `${found.length} spans are ${definition.name}`);
  return found[0] as Span;
}

/** The attributes of a span by identifier, whole numbers as numbers. */
export function getValues(
  record: RequestRecord,
  definition: SpanDefinition,
): Record<string, unknown> {
  const { attributes } = getSpan(record, definition);
  const identifierByKey = new Map(
    Object.entries(definition.attributes).map(([identifier, { key }]) => [key, identifier]),
  );
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      identifierByKey.get(key) ?? key,
      value.type === "int" ? Number(value.value) : "value" in value ? value.value : undefined,
    ]),
  );
}

type SpanName = keyof typeof miniserve.spans;

/** The tree of a request that began this stage and none after it, with what else it asked for. */
export function treeUpTo(
  { identifier }: SpanDefinition,
  wanted: readonly SpanName[] = [],
): string[] {
  const cut = identifier as SpanName;
  return completeTree(miniserve, { outcome: "aborted", cut, with: wanted });
}

/** The same for one that ended when all stages before this one were over. */
export function treeBefore(next: SpanDefinition, wanted?: readonly SpanName[]): string[] {
  return treeUpTo(next, wanted).slice(0, -1);
}

function isRoot({ name }: Span): boolean {
  return name === spans.handler.name;
}

function byStart(left: Span, right: Span): number {
  return Number(left.startTimeUnixNano - right.startTimeUnixNano);
}
