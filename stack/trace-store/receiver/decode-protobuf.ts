import {
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanLink,
  spanKinds,
  statusCodes,
} from "#contract";
import { Reading } from "./outcomes.ts";
import { partsOfSpan } from "./part-budget.ts";
import {
  createReader,
  delimited,
  eightBytes,
  fieldNumbers,
  fourBytes,
  type Reader,
  readBounded,
  readFields,
  readFixed64,
  readHex,
  readMessageEnd,
  readString,
  varint,
} from "./wire.ts";
import { type Attributed, attributed, readAttributed, readText } from "./wire-values.ts";

/** Of each message the fields that are read here. */
const fields = {
  request: fieldNumbers(1),
  resourceSpans: fieldNumbers(2),
  resource: fieldNumbers(1, 2),
  scopeSpans: fieldNumbers(2),
  scope: fieldNumbers(1, 2, 3, 4),
  span: fieldNumbers(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
  status: fieldNumbers(2, 3),
  event: fieldNumbers(1, 2, 3, 4),
  link: fieldNumbers(1, 2, 3, 4, 5, 6),
} as const;

/**
 * Reads an `ExportTraceServiceRequest` straight into spans. protobufjs's own decoder of whole
 * messages was measured: it needs a second pass over objects of its own and took twice the time.
 * The messages and the numbers of their fields are in `opentelemetry-proto/` (its v1.11.0,
 * unchanged), and a test compares this reader with protobufjs's.
 *
 * Ids keep the length they had on the wire: whoever takes the spans decides about wrong ones. A kind
 * or status that is not OTLP's is read as unspecified or unset, and fields that are not known here
 * are passed over, as protobuf asks. A span of which a part cannot be read is left out alone.
 * @throws Error when the bytes are not such a message; ReceiverError `too_large` when they have too
 *   many parts.
 */
export function decodeProtobuf(body: Buffer, reading = new Reading()): Span[] {
  const reader = createReader(body, reading);
  const spans: Span[] = [];
  withoutStacks(() =>
    readFields(reader, reader.len, fields.request, (tag) => {
      if (tag !== 1 * 8 + delimited) {
        return false;
      }
      readGroup(reader, (end) => readResourceSpans(reader, end, spans));
      return true;
    }),
  );
  return spans;
}

/** An export may have tens of thousands of broken spans, and where in here each stopped helps nobody. */
function withoutStacks(read: () => void): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    read();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The spans before a place at which it cannot be read are kept. */
function readGroup(reader: Reader, read: (end: number) => void): void {
  if (!readBounded(reader, read)) {
    reader.reading.outcomes.push("group_unreadable");
  }
}

function readResourceSpans(reader: Reader, end: number, spans: Span[]): void {
  // The resource may follow the spans that it is for: they hold it while it is still empty.
  const resource: Mutable<Resource> & Attributed = { ...attributed(), schemaUrl: "" };
  readFields(reader, end, fields.resourceSpans, (tag) => {
    switch (tag) {
      case 1 * 8 + delimited:
        readOwner(reader, resource, fields.resource, (inner) =>
          readAttributed(reader, inner, resource, 1, 2),
        );
        return true;
      case 2 * 8 + delimited:
        readGroup(reader, (inner) => readScopeSpans(reader, inner, resource, spans));
        return true;
      case 3 * 8 + delimited:
        resource.schemaUrl = readString(reader);
        return true;
      default:
        return skipOwner(reader, tag);
    }
  });
}

function readScopeSpans(reader: Reader, end: number, resource: Resource, spans: Span[]): void {
  const scope = { name: "", version: "", ...attributed(), schemaUrl: "" };
  readFields(reader, end, fields.scopeSpans, (tag) => {
    switch (tag) {
      case 1 * 8 + delimited:
        readOwner(reader, scope, fields.scope, (inner) => readScope(reader, inner, scope));
        return true;
      case 2 * 8 + delimited:
        readSpan(reader, resource, scope, spans);
        return true;
      case 3 * 8 + delimited:
        scope.schemaUrl = readString(reader);
        return true;
      default:
        return skipOwner(reader, tag);
    }
  });
}

/** A resource, scope or schema of another type than its own is as good as one that cannot be read. */
function skipOwner(reader: Reader, tag: number): false {
  const field = tag >>> 3;
  if (field === 1 || field === 3) {
    reader.reading.outcomes.push("owner_unreadable");
  }
  return false;
}

/** A resource or a scope that cannot be read is left out whole, and its spans are taken. */
function readOwner(
  reader: Reader,
  owner: (Mutable<Resource> | Mutable<Scope>) & Attributed,
  known: number,
  read: (tag: number) => boolean,
): void {
  const { outcomes } = reader.reading;
  const outcomesBefore = outcomes.length;
  if (!readBounded(reader, (end) => readFields(reader, end, known, read))) {
    outcomes.length = outcomesBefore;
    outcomes.push("owner_unreadable");
    Object.assign(owner, attributed(), "name" in owner ? { name: "", version: "" } : {});
  }
}

function readScope(reader: Reader, tag: number, scope: Mutable<Scope> & Attributed): boolean {
  switch (tag) {
    case 1 * 8 + delimited:
      scope.name = readString(reader);
      return true;
    case 2 * 8 + delimited:
      scope.version = readString(reader);
      return true;
    default:
      return readAttributed(reader, tag, scope, 3, 4);
  }
}

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/** Reads the span that comes next, and adds it to the others unless a part of it cannot be read. */
function readSpan(reader: Reader, resource: Resource, scope: Scope, spans: Span[]): void {
  const { budget, outcomes } = reader.reading;
  budget.take(partsOfSpan - 1);
  const span = {
    traceId: "",
    spanId: "",
    parentSpanId: null,
    traceState: "",
    flags: 0,
    name: "",
    kind: "unspecified",
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    ...attributed(),
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: "unset", message: "" },
    resource,
    scope,
  } satisfies Span as Mutable<Span> & Attributed & { events: SpanEvent[]; links: SpanLink[] };
  const outcomesBefore = outcomes.length;
  const isRead = readBounded(reader, (end) =>
    readFields(reader, end, fields.span, (tag) => readSpanField(reader, tag, span)),
  );
  if (isRead) {
    spans.push(span);
  } else {
    outcomes.length = outcomesBefore;
    outcomes.push("span_unreadable");
  }
}

function readSpanField(
  reader: Reader,
  tag: number,
  span: Mutable<Span> & Attributed & { events: SpanEvent[]; links: SpanLink[] },
): boolean {
  switch (tag) {
    case 1 * 8 + delimited:
      span.traceId = readHex(reader);
      return true;
    case 2 * 8 + delimited:
      span.spanId = readHex(reader);
      return true;
    case 3 * 8 + delimited:
      span.traceState = readString(reader);
      return true;
    case 4 * 8 + delimited:
      span.parentSpanId = readParent(reader);
      return true;
    case 5 * 8 + delimited:
      span.name = readText(reader);
      return true;
    case 6 * 8 + varint:
      span.kind = readEnumeration(reader, spanKinds);
      return true;
    case 7 * 8 + eightBytes:
      span.startTimeUnixNano = readFixed64(reader);
      return true;
    case 8 * 8 + eightBytes:
      span.endTimeUnixNano = readFixed64(reader);
      return true;
    case 11 * 8 + delimited:
      span.events.push(readEvent(reader));
      return true;
    case 12 * 8 + varint:
      span.droppedEventsCount = reader.uint32();
      return true;
    case 13 * 8 + delimited:
      span.links.push(readLink(reader));
      return true;
    case 14 * 8 + varint:
      span.droppedLinksCount = reader.uint32();
      return true;
    case 15 * 8 + delimited:
      span.status = readStatus(reader, span.status);
      return true;
    case 16 * 8 + fourBytes:
      span.flags = reader.fixed32();
      return true;
    default:
      return readAttributed(reader, tag, span, 9, 10);
  }
}

/** Enumerations are open: of one that is not known yet, it is read that none was given. */
function readEnumeration<Name>(reader: Reader, names: readonly [Name, ...Name[]]): Name {
  const name = names[reader.int32()];
  if (name === undefined) {
    reader.reading.outcomes.push("enum_unknown");
  }
  return name ?? names[0];
}

function readStatus(reader: Reader, before: Span["status"]): Span["status"] {
  const status = { ...before };
  readFields(reader, readMessageEnd(reader), fields.status, (tag) => {
    switch (tag) {
      case 2 * 8 + delimited:
        status.message = readString(reader);
        return true;
      case 3 * 8 + varint:
        status.code = readEnumeration(reader, statusCodes);
        return true;
      default:
        return false;
    }
  });
  return status;
}

function readEvent(reader: Reader): SpanEvent {
  const event = { timeUnixNano: 0n, name: "", ...attributed() };
  readFields(reader, readMessageEnd(reader), fields.event, (tag) => {
    switch (tag) {
      case 1 * 8 + eightBytes:
        event.timeUnixNano = readFixed64(reader);
        return true;
      case 2 * 8 + delimited:
        event.name = readText(reader);
        return true;
      default:
        return readAttributed(reader, tag, event, 3, 4);
    }
  });
  return event;
}

function readLink(reader: Reader): SpanLink {
  const link = { traceId: "", spanId: "", traceState: "", flags: 0, ...attributed() };
  readFields(reader, readMessageEnd(reader), fields.link, (tag) => {
    switch (tag) {
      case 1 * 8 + delimited:
        link.traceId = readLinkId(reader, 16);
        return true;
      case 2 * 8 + delimited:
        link.spanId = readLinkId(reader, 8);
        return true;
      case 3 * 8 + delimited:
        link.traceState = readString(reader);
        return true;
      case 6 * 8 + fourBytes:
        link.flags = reader.fixed32();
        return true;
      default:
        return readAttributed(reader, tag, link, 4, 5);
    }
  });
  return link;
}

/** An all-zero parent means "no parent" to OTLP receivers. */
function readParent(reader: Reader): string | null {
  const id = readHex(reader);
  return /^0*$/.test(id) ? null : id;
}

/** A link may stand for its attributes alone, and then has no ids. */
function readLinkId(reader: Reader, byteLength: number): string {
  const id = readHex(reader);
  if (id === "" || id.length === 2 * byteLength) {
    return id;
  }
  reader.reading.outcomes.push("link_id_invalid");
  return "";
}
