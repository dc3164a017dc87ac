import type { KeyValue, Resource, Scope, Span, SpanEvent, SpanLink } from "#contract";
import { AttributeTextReader, writeAttributes, writeString } from "./attribute-text.ts";

/**
 * The parts of a span that are stored as JSON text besides its attributes. Members with protobuf's
 * default are left out.
 */

const largestBigint = 2n ** 63n - 1n;

/** A time or duration as BIGINT holds it: after the year 2262 it stands still. */
export function clampToBigint(nanoseconds: bigint): bigint {
  if (nanoseconds < 0n) {
    return 0n;
  }
  return nanoseconds > largestBigint ? largestBigint : nanoseconds;
}

export function writeEvents(events: readonly SpanEvent[]): string | null {
  if (events.length === 0) {
    return null;
  }
  const written = events.map((event) =>
    writeObject({
      time: String(event.timeUnixNano),
      name: writeString(event.name),
      attributes: writeSome(event.attributes),
      dropped: writeCount(event.droppedAttributesCount),
    }),
  );
  return `[${written.join(",")}]`;
}

export function readEvents(text: string | null): SpanEvent[] {
  if (text === null) {
    return [];
  }
  const reader = new AttributeTextReader(text);
  return reader.list(() => {
    const event = { timeUnixNano: 0n, name: "", ...attributed() };
    reader.object((member) => {
      switch (member) {
        case "time":
          event.timeUnixNano = reader.integer();
          break;
        case "name":
          event.name = reader.string();
          break;
        default:
          readAttributedMember(reader, member, event);
      }
    });
    return event;
  });
}

export function writeLinks(links: readonly SpanLink[]): string | null {
  if (links.length === 0) {
    return null;
  }
  const written = links.map((link) =>
    writeObject({
      trace_id: writeString(link.traceId),
      span_id: writeString(link.spanId),
      trace_state: link.traceState === "" ? undefined : writeString(link.traceState),
      flags: writeCount(link.flags),
      attributes: writeSome(link.attributes),
      dropped: writeCount(link.droppedAttributesCount),
    }),
  );
  return `[${written.join(",")}]`;
}

export function readLinks(text: string | null): SpanLink[] {
  if (text === null) {
    return [];
  }
  const reader = new AttributeTextReader(text);
  return reader.list(() => {
    const link = { traceId: "", spanId: "", traceState: "", flags: 0, ...attributed() };
    reader.object((member) => {
      switch (member) {
        case "trace_id":
          link.traceId = reader.string();
          break;
        case "span_id":
          link.spanId = reader.string();
          break;
        case "trace_state":
          link.traceState = reader.string();
          break;
        case "flags":
          link.flags = Number(reader.integer());
          break;
        default:
          readAttributedMember(reader, member, link);
      }
    });
    return link;
  });
}

/** What few spans have: a state, dropped things, times that their columns cannot hold. */
interface Overflow {
  traceState?: string;
  droppedAttributesCount?: number;
  droppedEventsCount?: number;
  droppedLinksCount?: number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  schemaUrl?: string;
}

export function writeSpanOverflow(span: Span, startNs: bigint, durationNs: bigint): string | null {
  const isTimeExact =
    span.startTimeUnixNano === startNs && span.endTimeUnixNano === startNs + durationNs;
  const dropped = span.droppedAttributesCount + span.droppedEventsCount + span.droppedLinksCount;
  // Asked for every span, and nearly always there is nothing.
  if (isTimeExact && dropped === 0 && span.traceState === "") {
    return null;
  }
  return writeOverflow({
    traceState: span.traceState,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    startTimeUnixNano: span.startTimeUnixNano === startNs ? "" : String(span.startTimeUnixNano),
    endTimeUnixNano:
      span.endTimeUnixNano === startNs + durationNs ? "" : String(span.endTimeUnixNano),
  });
}

/** A resource and a scope have a schema and dropped attributes that nobody asks for. */
export function writeSharedOverflow({ droppedAttributesCount, schemaUrl }: Resource | Scope) {
  return writeOverflow({ droppedAttributesCount, schemaUrl });
}

function writeOverflow(uncommon: Overflow): string | null {
  return Object.values(uncommon).every(isDefault)
    ? null
    : JSON.stringify(uncommon, (_member, value) => (isDefault(value) ? undefined : value));
}

function isDefault(value: unknown): boolean {
  return value === "" || value === 0;
}

export function readOverflow(text: string | null): Overflow {
  return text === null ? {} : (JSON.parse(text) as Overflow);
}

function writeObject(members: Record<string, string | undefined>): string {
  const present = Object.entries(members).filter(([, text]) => text !== undefined);
  return `{${present.map(([member, text]) => `"${member}":${text}`).join(",")}}`;
}

function writeSome(attributes: readonly KeyValue[]): string | undefined {
  return attributes.length === 0 ? undefined : writeAttributes(attributes);
}

function writeCount(count: number): string | undefined {
  return count === 0 ? undefined : String(BigInt(count));
}

function attributed(): { attributes: KeyValue[]; droppedAttributesCount: number } {
  return { attributes: [], droppedAttributesCount: 0 };
}

function readAttributedMember(
  reader: AttributeTextReader,
  member: string,
  owner: ReturnType<typeof attributed>,
): void {
  if (member === "attributes") {
    owner.attributes = reader.attributes();
  } else {
    owner.droppedAttributesCount = Number(reader.integer());
  }
}
