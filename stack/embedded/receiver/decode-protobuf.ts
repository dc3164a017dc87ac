import {
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanLink,
  spanKinds,
  statusCodes,
} from "#contract";
import { readText } from "./known-texts.ts";
import { PartBudget, partsOfSpan } from "./part-budget.ts";
import {
  delimited,
  eightBytes,
  endOfMessage,
  fourBytes,
  type Reader,
  readerOf,
  readFields,
  readFixed64,
  readHex,
  varint,
} from "./wire.ts";
import { type Attributed, attributed, readAttributed } from "./wire-values.ts";

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/**
 * Reads an `ExportTraceServiceRequest` straight into spans. protobufjs's own decoder of whole
 * messages was measured: it needs a second pass over objects of its own and took twice the time.
 * The messages and the numbers of their fields are in `opentelemetry-proto/` (its v1.11.0,
 * unchanged), and a test compares this reader with protobufjs's.
 *
 * Ids keep the length they had on the wire: whoever takes the spans decides about wrong ones. A kind
 * or status that is not OTLP's is read as unspecified or unset, and fields that are not known here
 * are passed over, as protobuf asks.
 * @throws Error when the bytes are not such a message, hold text that is not UTF-8, or nest values
 *   too deeply; ReceiverError `too_large` when they have too many parts.
 */
export function decodeProtobuf(body: Buffer, budget = new PartBudget()): Span[] {
  const reader = readerOf(body, budget);
  const spans: Span[] = [];
  readFields(reader, reader.len, (tag) => {
    if (tag !== 1 * 8 + delimited) {
      return false;
    }
    readResourceSpans(reader, spans);
    return true;
  });
  return spans;
}

function readResourceSpans(reader: Reader, spans: Span[]): void {
  // The resource may follow the spans that it is for: they hold it while it is still empty.
  const resource: Mutable<Resource> & Attributed = { ...attributed(), schemaUrl: "" };
  readFields(reader, endOfMessage(reader), (tag) => {
    switch (tag) {
      case 1 * 8 + delimited:
        readFields(reader, endOfMessage(reader), (inner) =>
          readAttributed(reader, inner, resource, 1, 2),
        );
        return true;
      case 2 * 8 + delimited:
        readScopeSpans(reader, resource, spans);
        return true;
      case 3 * 8 + delimited:
        resource.schemaUrl = reader.stringVerify();
        return true;
      default:
        return false;
    }
  });
}

function readScopeSpans(reader: Reader, resource: Resource, spans: Span[]): void {
  const scope = { name: "", version: "", ...attributed(), schemaUrl: "" };
  readFields(reader, endOfMessage(reader), (tag) => {
    switch (tag) {
      case 1 * 8 + delimited:
        readFields(reader, endOfMessage(reader), (inner) => readScope(reader, inner, scope));
        return true;
      case 2 * 8 + delimited:
        spans.push(readSpan(reader, resource, scope));
        return true;
      case 3 * 8 + delimited:
        scope.schemaUrl = reader.stringVerify();
        return true;
      default:
        return false;
    }
  });
}

function readScope(reader: Reader, tag: number, scope: Mutable<Scope> & Attributed): boolean {
  switch (tag) {
    case 1 * 8 + delimited:
      scope.name = reader.stringVerify();
      return true;
    case 2 * 8 + delimited:
      scope.version = reader.stringVerify();
      return true;
    default:
      return readAttributed(reader, tag, scope, 3, 4);
  }
}

function readSpan(reader: Reader, resource: Resource, scope: Scope): Span {
  reader.budget.take(partsOfSpan - 1);
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
  const end = endOfMessage(reader);
  readFields(reader, end, (tag) => readSpanField(reader, tag, span));
  return span;
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
      span.traceState = reader.stringVerify();
      return true;
    case 4 * 8 + delimited:
      span.parentSpanId = readParent(reader);
      return true;
    case 5 * 8 + delimited:
      span.name = readText(reader);
      return true;
    case 6 * 8 + varint:
      span.kind = spanKinds[reader.int32()] ?? "unspecified";
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

function readStatus(reader: Reader, before: Span["status"]): Span["status"] {
  const status = { ...before };
  readFields(reader, endOfMessage(reader), (tag) => {
    switch (tag) {
      case 2 * 8 + delimited:
        status.message = reader.stringVerify();
        return true;
      case 3 * 8 + varint:
        status.code = statusCodes[reader.int32()] ?? "unset";
        return true;
      default:
        return false;
    }
  });
  return status;
}

function readEvent(reader: Reader): SpanEvent {
  const event = { timeUnixNano: 0n, name: "", ...attributed() };
  readFields(reader, endOfMessage(reader), (tag) => {
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
  readFields(reader, endOfMessage(reader), (tag) => {
    switch (tag) {
      case 1 * 8 + delimited:
        link.traceId = readHex(reader);
        return true;
      case 2 * 8 + delimited:
        link.spanId = readHex(reader);
        return true;
      case 3 * 8 + delimited:
        link.traceState = reader.stringVerify();
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
