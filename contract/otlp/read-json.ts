import { fromBase64, hexOfBytes } from "./bytes.ts";
import { JsonReader, kindOf, type ReadFault } from "./json-reader.ts";
import { readAttributed } from "./read-value.ts";
import {
  emptyResource,
  emptyScope,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanKind,
  type SpanLink,
  type StatusCode,
  spanKinds,
  statusCodes,
} from "./span.ts";

export interface ReadResult {
  readonly spans: Span[];
  /** Every fault found, in document order. Spans without a fault are read all the same. */
  readonly faults: ReadFault[];
}

/**
 * Reads spans from any of the JSON forms that tools write:
 * OTLP JSON (`{resourceSpans}`, ids in hex), Tempo's v1 (`{batches}`, ids in base64) and
 * Tempo's v2 (`{trace: {resourceSpans}}`). Enumerations may be numbers or names, 64-bit integers
 * numbers or strings, as protobuf's JSON mapping allows.
 */
export function readOtlpJson(document: unknown): ReadResult {
  const reader = new JsonReader();
  const top = reader.object(document, "");
  const inner = top.trace === undefined ? top : reader.object(top.trace, "trace");
  const prefix = inner === top ? "" : "trace.";
  const key = inner.resourceSpans === undefined && inner.batches ? "batches" : "resourceSpans";
  const isEmptyTempoTrace = inner !== top && Object.keys(inner).length === 0;
  if (inner[key] === undefined && !isEmptyTempoTrace && reader.faults.length === 0) {
    reader.fault(
      `${prefix}resourceSpans`,
      "nothing",
      "resourceSpans, batches or trace.resourceSpans",
    );
  }
  const spans = reader
    .list(inner[key], `${prefix}${key}`)
    .flatMap(([entry, path]) => readResourceSpans(reader, entry, path));
  return { spans, faults: reader.faults };
}

function readResourceSpans(reader: JsonReader, entry: unknown, path: string): Span[] {
  const object = reader.object(entry, path);
  const resource: Resource = {
    ...emptyResource,
    ...readAttributed(reader, object.resource, `${path}.resource`),
    schemaUrl: reader.text(object.schemaUrl, `${path}.schemaUrl`),
  };
  const key = object.scopeSpans === undefined ? "instrumentationLibrarySpans" : "scopeSpans";
  return reader.list(object[key], `${path}.${key}`).flatMap(([scopeEntry, scopePath]) => {
    const scopeObject = reader.object(scopeEntry, scopePath);
    const scopeKey = scopeObject.scope === undefined ? "instrumentationLibrary" : "scope";
    const scopeIdentity = reader.object(scopeObject[scopeKey] ?? {}, `${scopePath}.${scopeKey}`);
    const scope: Scope = {
      ...emptyScope,
      ...readAttributed(reader, scopeObject[scopeKey], `${scopePath}.${scopeKey}`),
      name: reader.text(scopeIdentity.name, `${scopePath}.${scopeKey}.name`),
      version: reader.text(scopeIdentity.version, `${scopePath}.${scopeKey}.version`),
      schemaUrl: reader.text(scopeObject.schemaUrl, `${scopePath}.schemaUrl`),
    };
    return reader
      .list(scopeObject.spans, `${scopePath}.spans`)
      .flatMap(([span, spanPath]) => readSpan(reader, span, spanPath, resource, scope) ?? []);
  });
}

function readSpan(
  reader: JsonReader,
  entry: unknown,
  path: string,
  resource: Resource,
  scope: Scope,
): Span | undefined {
  const faultsBefore = reader.faults.length;
  const object = reader.object(entry, path);
  if (reader.faults.length > faultsBefore) {
    return undefined;
  }
  const status = reader.object(object.status ?? {}, `${path}.status`);
  const span: Span = {
    traceId: readId(reader, object.traceId, `${path}.traceId`, 16),
    spanId: readId(reader, object.spanId, `${path}.spanId`, 8),
    parentSpanId: readParent(reader, object.parentSpanId, `${path}.parentSpanId`),
    traceState: reader.text(object.traceState, `${path}.traceState`),
    flags: reader.count(object.flags, `${path}.flags`),
    name: reader.text(object.name, `${path}.name`),
    kind: reader.enumeration<SpanKind>(object.kind, `${path}.kind`, spanKinds, "SPAN_KIND_"),
    startTimeUnixNano: readTime(reader, object.startTimeUnixNano, `${path}.startTimeUnixNano`),
    endTimeUnixNano: readTime(reader, object.endTimeUnixNano, `${path}.endTimeUnixNano`),
    ...readAttributed(reader, object, path),
    events: reader
      .list(object.events, `${path}.events`)
      .map(([event, eventPath]) => readEvent(reader, event, eventPath)),
    droppedEventsCount: reader.count(object.droppedEventsCount, `${path}.droppedEventsCount`),
    links: reader
      .list(object.links, `${path}.links`)
      .map(([link, linkPath]) => readLink(reader, link, linkPath)),
    droppedLinksCount: reader.count(object.droppedLinksCount, `${path}.droppedLinksCount`),
    status: {
      code: reader.enumeration<StatusCode>(
        status.code,
        `${path}.status.code`,
        statusCodes,
        "STATUS_CODE_",
      ),
      message: reader.text(status.message, `${path}.status.message`),
    },
    resource,
    scope,
  };
  return reader.faults.length === faultsBefore ? span : undefined;
}

function readEvent(reader: JsonReader, entry: unknown, path: string): SpanEvent {
  const object = reader.object(entry, path);
  return {
    timeUnixNano: readTime(reader, object.timeUnixNano, `${path}.timeUnixNano`),
    name: reader.text(object.name, `${path}.name`),
    ...readAttributed(reader, object, path),
  };
}

function readLink(reader: JsonReader, entry: unknown, path: string): SpanLink {
  const object = reader.object(entry, path);
  return {
    traceId: readId(reader, object.traceId, `${path}.traceId`, 16),
    spanId: readId(reader, object.spanId, `${path}.spanId`, 8),
    traceState: reader.text(object.traceState, `${path}.traceState`),
    flags: reader.count(object.flags, `${path}.flags`),
    ...readAttributed(reader, object, path),
  };
}

/** Nanoseconds since 1970. */
function readTime(reader: JsonReader, entry: unknown, path: string): bigint {
  return reader.integer(entry, path, "uint64");
}

/** An all-zero parent means "no parent" to OTLP receivers, so it does here. */
function readParent(reader: JsonReader, entry: unknown, path: string): string | null {
  if (entry === undefined || entry === null || entry === "") {
    return null;
  }
  const id = readId(reader, entry, path, 8);
  return /^0*$/.test(id) ? null : id;
}

/**
 * Ids are hex in OTLP JSON and base64 in Tempo's. The lengths tell them apart: 8 and 16 bytes are
 * 16 and 32 digits of hex, 12 and 24 characters of base64.
 */
function readId(reader: JsonReader, entry: unknown, path: string, byteLength: number): string {
  const id = typeof entry === "string" ? idOf(entry, byteLength) : undefined;
  if (id === undefined) {
    const seen = typeof entry === "string" ? `${entry.length} characters` : kindOf(entry);
    reader.fault(path, seen, `${byteLength} bytes in hex or base64`);
  }
  return id ?? "";
}

function idOf(text: string, byteLength: number): string | undefined {
  if (text.length === byteLength * 2 && /^[0-9a-f]+$/i.test(text)) {
    return text.toLowerCase();
  }
  const bytes = fromBase64(text);
  return bytes?.length === byteLength ? hexOfBytes(bytes) : undefined;
}
