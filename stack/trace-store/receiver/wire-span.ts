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
import { partsOfSpan } from "./part-budget.ts";
import {
  delimited,
  eightBytes,
  endOfMessage,
  fieldNumbers,
  fourBytes,
  type Reader,
  readBounded,
  readFields,
  readFixed64,
  readHex,
  readString,
  varint,
} from "./wire.ts";
import { type Attributed, attributed, readAttributed } from "./wire-values.ts";

export type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/** Of each message the fields that are read here. */
const fields = {
  span: fieldNumbers(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
  status: fieldNumbers(2, 3),
  event: fieldNumbers(1, 2, 3, 4),
  link: fieldNumbers(1, 2, 3, 4, 5, 6),
} as const;

/** Reads the span that comes next, and adds it to the others unless a part of it cannot be read. */
export function readSpan(reader: Reader, resource: Resource, scope: Scope, spans: Span[]): void {
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
  readFields(reader, endOfMessage(reader), fields.status, (tag) => {
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
  readFields(reader, endOfMessage(reader), fields.event, (tag) => {
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
  readFields(reader, endOfMessage(reader), fields.link, (tag) => {
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
