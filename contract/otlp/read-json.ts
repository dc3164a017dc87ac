import {
  bytesToHex,
  describeKind,
  fromBase64,
  JsonReader,
  type ReadFault,
  type ReadOutcome,
} from "./json-reader.ts";
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
  /** The faults found, in document order, the first thousand. */
  readonly faults: ReadFault[];
  /**
   * What was left out or changed for them. Spans are read all the same when they have no fault, or
   * one that can be mended; a caller that wants none looks at `faults` alone.
   */
  readonly outcomes: ReadOutcome[];
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
  const inner =
    top.resourceSpans !== undefined || top.trace === undefined
      ? top
      : reader.object(top.trace, "trace");
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
  return { spans, faults: reader.faults, outcomes: reader.outcomes };
}

/** What `read` makes, or `otherwise` when a part of it cannot be read. */
function readOr<Part>(
  reader: JsonReader,
  outcome: ReadOutcome,
  otherwise: Part,
  read: () => Part,
): Part {
  const [unreadable, changes] = [reader.unreadable, reader.outcomes.length];
  const part = read();
  if (reader.unreadable === unreadable) {
    return part;
  }
  reader.outcomes.length = changes;
  reader.outcomes.push(outcome);
  return otherwise;
}

/** The items of a list that is read as a part of the document. */
function readGroup(
  reader: JsonReader,
  entry: unknown,
  path: string,
  keys: readonly [string, ...string[]],
): { readonly object: Readonly<Record<string, unknown>>; readonly items: [unknown, string][] } {
  return readOr(reader, "group_unreadable", { object: {}, items: [] }, () => {
    const object = reader.object(entry, path);
    const key = keys.find((name) => object[name] !== undefined) ?? keys[0];
    return { object, items: reader.list(object[key], `${path}.${key}`) };
  });
}

function readResourceSpans(reader: JsonReader, entry: unknown, path: string): Span[] {
  const { object, items } = readGroup(reader, entry, path, [
    "scopeSpans",
    "instrumentationLibrarySpans",
  ]);
  const resource: Resource = readOr(reader, "owner_unreadable", emptyResource, () => ({
    ...readAttributed(reader, object.resource, `${path}.resource`),
    schemaUrl: reader.text(object.schemaUrl, `${path}.schemaUrl`),
  }));
  return items.flatMap(([scopeEntry, scopePath]) =>
    readScopeSpans(reader, scopeEntry, scopePath, resource),
  );
}

function readScopeSpans(
  reader: JsonReader,
  entry: unknown,
  path: string,
  resource: Resource,
): Span[] {
  const { object, items } = readGroup(reader, entry, path, ["spans"]);
  const key = object.scope === undefined ? "instrumentationLibrary" : "scope";
  const scope: Scope = readOr(reader, "owner_unreadable", emptyScope, () => {
    const identity = reader.object(object[key] ?? {}, `${path}.${key}`);
    return {
      name: reader.text(identity.name, `${path}.${key}.name`),
      version: reader.text(identity.version, `${path}.${key}.version`),
      ...readAttributed(reader, identity, `${path}.${key}`),
      schemaUrl: reader.text(object.schemaUrl, `${path}.schemaUrl`),
    };
  });
  return items.flatMap(([item, spanPath]) => {
    const span = readOr(reader, "span_unreadable", undefined, () =>
      readSpan(reader, item, spanPath, resource, scope),
    );
    return span ?? [];
  });
}

/** Undefined for a span that has no valid id. */
function readSpan(
  reader: JsonReader,
  entry: unknown,
  path: string,
  resource: Resource,
  scope: Scope,
): Span | undefined {
  const { unreadable } = reader;
  const object = reader.object(entry, path);
  if (reader.unreadable > unreadable) {
    return undefined;
  }
  const status = reader.object(object.status ?? {}, `${path}.status`);
  const [traceId, spanId, parentSpanId] = [
    readId(reader, object.traceId, `${path}.traceId`, 16),
    readId(reader, object.spanId, `${path}.spanId`, 8),
    readParent(reader, object.parentSpanId, `${path}.parentSpanId`),
  ];
  const span: Omit<Span, "traceId" | "spanId" | "parentSpanId"> = {
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
  if (traceId === undefined || spanId === undefined || parentSpanId === undefined) {
    reader.outcomes.push("span_id_invalid");
    return undefined;
  }
  return { traceId, spanId, parentSpanId, ...span };
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
    traceId: readLinkId(reader, object.traceId, `${path}.traceId`, 16),
    spanId: readLinkId(reader, object.spanId, `${path}.spanId`, 8),
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
function readParent(reader: JsonReader, entry: unknown, path: string): string | null | undefined {
  if (entry === undefined || entry === null || entry === "") {
    return null;
  }
  const id = readId(reader, entry, path, 8);
  return id !== undefined && /^0*$/.test(id) ? null : id;
}

/** A link may stand for its attributes alone, and then has no ids. */
function readLinkId(reader: JsonReader, entry: unknown, path: string, byteLength: number): string {
  const id =
    entry === undefined || entry === null || entry === "" ? "" : parseId(entry, byteLength);
  if (id === undefined) {
    reader.mended("link_id_invalid", path, seenAsId(entry), expectedId(byteLength));
  }
  return id ?? "";
}

/**
 * Ids are hex in OTLP JSON and base64 in Tempo's. The lengths tell them apart: 8 and 16 bytes are
 * 16 and 32 digits of hex, 12 and 24 characters of base64. Undefined for what is neither.
 */
function readId(
  reader: JsonReader,
  entry: unknown,
  path: string,
  byteLength: number,
): string | undefined {
  const id = parseId(entry, byteLength);
  if (id === undefined) {
    reader.ignored(path, seenAsId(entry), expectedId(byteLength));
  }
  return id;
}

function seenAsId(entry: unknown): string {
  return typeof entry === "string" ? `${entry.length} characters` : describeKind(entry);
}

function expectedId(byteLength: number): string {
  return `${byteLength} bytes in hex or base64`;
}

function parseId(text: unknown, byteLength: number): string | undefined {
  if (typeof text !== "string" || text.length > byteLength * 2) {
    return undefined;
  }
  if (text.length === byteLength * 2 && /^[0-9a-f]+$/i.test(text)) {
    return text.toLowerCase();
  }
  const bytes = fromBase64(text);
  return bytes?.length === byteLength ? bytesToHex(bytes) : undefined;
}

interface Attributed {
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

/** What resources, scopes, spans, events and links have in common. */
function readAttributed(reader: JsonReader, entry: unknown, path: string): Attributed {
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

function readKeyValue(reader: JsonReader, entry: unknown, path: string, depth = 0): KeyValue {
  const object = reader.object(entry, path);
  return {
    key: reader.text(object.key, `${path}.key`),
    value: readValue(reader, object.value, `${path}.value`, depth),
  };
}

const valueMembers = [
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
  "bytesValue",
  "arrayValue",
  "kvlistValue",
] as const;

function isValueMember(name: string): name is (typeof valueMembers)[number] {
  return (valueMembers as readonly string[]).includes(name);
}

/** How deep arrays and maps may lie in each other. Protobuf's readers give up at such depths too. */
export const nestingLimit = 50;

function readValue(reader: JsonReader, entry: unknown, path: string, depth: number): Value {
  if (depth > nestingLimit) {
    reader.mended("nesting_cut", path, "another level", `at most ${nestingLimit} of them`);
    return { type: "empty" };
  }
  const object = reader.object(entry ?? {}, path);
  const names = Object.keys(object).filter((name) => (object[name] ?? undefined) !== undefined);
  const present = names.filter(isValueMember);
  if (present.length > 1) {
    reader.ignored(path, `${present.length} of them`, `one of ${valueMembers.join(", ")}`);
  }
  // As in protobuf, where it is the last on the wire.
  const member = present.at(-1);
  if (member === undefined) {
    if (names.length > 0) {
      reader.ignored(path, "another member", `one of ${valueMembers.join(", ")}`);
    }
    return { type: "empty" };
  }
  const at = `${path}.${member}`;
  switch (member) {
    case "stringValue":
      return { type: "string", value: reader.text(object[member], at) };
    case "boolValue":
      return { type: "bool", value: reader.boolean(object[member], at) };
    case "intValue":
      return { type: "int", value: reader.integer(object[member], at, "int64") };
    case "doubleValue":
      return { type: "double", value: reader.double(object[member], at) };
    case "bytesValue":
      return { type: "bytes", value: reader.bytes(object[member], at) };
    case "arrayValue":
      return { type: "array", value: readMembers(reader, object[member], at, depth, readValue) };
    case "kvlistValue":
      return { type: "map", value: readMembers(reader, object[member], at, depth, readKeyValue) };
    default:
      return member satisfies never;
  }
}

function readMembers<Item>(
  reader: JsonReader,
  entry: unknown,
  path: string,
  depth: number,
  read: (reader: JsonReader, item: unknown, path: string, depth: number) => Item,
): Item[] {
  const object = reader.object(entry, path);
  return reader
    .list(object.values, `${path}.values`)
    .map(([item, at]) => read(reader, item, at, depth + 1));
}
