import { fromBase64, hexOfBytes } from "./bytes.ts";
import { JsonReader, type ReadFault } from "./json-reader.ts";
import {
  emptyResource,
  emptyScope,
  type KeyValue,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanKind,
  type SpanLink,
  type StatusCode,
  spanKinds,
  statusCodes,
  type Value,
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
  if (inner[key] === undefined && !isEmptyTempoTrace) {
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
  const status = reader.object(object.status ?? {}, `${path}.status`);
  const parent = object.parentSpanId;
  const span: Span = {
    traceId: readId(reader, object.traceId, `${path}.traceId`, 16),
    spanId: readId(reader, object.spanId, `${path}.spanId`, 8),
    parentSpanId: parent ? readParent(reader, parent, `${path}.parentSpanId`) : null,
    traceState: reader.text(object.traceState, `${path}.traceState`),
    flags: reader.count(object.flags, `${path}.flags`),
    name: reader.text(object.name, `${path}.name`),
    kind: readEnumeration<SpanKind>(reader, object.kind, `${path}.kind`, spanKinds, "SPAN_KIND_"),
    startTimeUnixNano: reader.integer(object.startTimeUnixNano, `${path}.startTimeUnixNano`),
    endTimeUnixNano: reader.integer(object.endTimeUnixNano, `${path}.endTimeUnixNano`),
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
      code: readEnumeration<StatusCode>(
        reader,
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
    timeUnixNano: reader.integer(object.timeUnixNano, `${path}.timeUnixNano`),
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

function readAttributed(reader: JsonReader, entry: unknown, path: string) {
  const object = reader.object(entry ?? {}, path);
  return {
    attributes: reader
      .list(object.attributes, `${path}.attributes`)
      .map(([item, itemPath]) => readKeyValue(reader, item, itemPath)),
    droppedAttributesCount: reader.count(
      object.droppedAttributesCount,
      `${path}.droppedAttributesCount`,
    ),
  };
}

function readKeyValue(reader: JsonReader, entry: unknown, path: string): KeyValue {
  const object = reader.object(entry, path);
  return {
    key: reader.text(object.key, `${path}.key`),
    value: readValue(reader, object.value ?? {}, `${path}.value`),
  };
}

function readValue(reader: JsonReader, entry: unknown, path: string): Value {
  const object = reader.object(entry, path);
  const [member] = Object.keys(object);
  const at = `${path}.${member}`;
  switch (member) {
    case undefined:
      return { type: "empty" };
    case "stringValue":
      return { type: "string", value: reader.text(object[member], at) };
    case "boolValue":
      return { type: "bool", value: reader.boolean(object[member], at) };
    case "intValue":
      return { type: "int", value: reader.integer(object[member], at) };
    case "doubleValue":
      return { type: "double", value: reader.double(object[member], at) };
    case "bytesValue":
      return {
        type: "bytes",
        value: fromBase64(reader.text(object[member], at)) ?? new Uint8Array(),
      };
    case "arrayValue":
      return { type: "array", value: readMembers(reader, object[member], at, readValue) };
    case "kvlistValue":
      return { type: "map", value: readMembers(reader, object[member], at, readKeyValue) };
    default:
      reader.fault(path, `the member ${member}`, "stringValue, boolValue, intValue, doubleValue …");
      return { type: "empty" };
  }
}

function readMembers<Item>(
  reader: JsonReader,
  entry: unknown,
  path: string,
  read: (reader: JsonReader, item: unknown, path: string) => Item,
): Item[] {
  const object = reader.object(entry, path);
  return reader.list(object.values, `${path}.values`).map(([item, at]) => read(reader, item, at));
}

/** An all-zero parent means "no parent" to OTLP receivers, so it does here. */
function readParent(reader: JsonReader, entry: unknown, path: string): string | null {
  const id = readId(reader, entry, path, 8);
  return /^0*$/.test(id) ? null : id;
}

/**
 * Ids are hex in OTLP JSON and base64 in Tempo's. The lengths tell them apart: 8 and 16 bytes are
 * 16 and 32 digits of hex, 12 and 24 characters of base64.
 */
function readId(reader: JsonReader, entry: unknown, path: string, byteLength: number): string {
  const id = reader.text(entry, path);
  if (id.length === byteLength * 2 && /^[0-9a-f]+$/i.test(id)) {
    return id.toLowerCase();
  }
  const bytes = fromBase64(id);
  if (bytes?.length === byteLength) {
    return hexOfBytes(bytes);
  }
  reader.fault(path, `${id.length} characters`, `${byteLength} bytes in hex or base64`);
  return "";
}

function readEnumeration<Name extends string>(
  reader: JsonReader,
  entry: unknown,
  path: string,
  names: readonly Name[],
  prefix: string,
): Name {
  const name =
    typeof entry === "string"
      ? names.find((candidate) => entry === prefix + candidate.toUpperCase())
      : names[entry === undefined || entry === null ? 0 : Number(entry)];
  if (name === undefined) {
    reader.fault(path, String(entry), `0 to ${names.length - 1}, or ${prefix}…`);
  }
  return name ?? (names[0] as Name);
}
