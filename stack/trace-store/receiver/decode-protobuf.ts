import type { Resource, Scope, Span } from "#contract";
import { Reading } from "./reading.ts";
import {
  delimited,
  fieldNumbers,
  type Reader,
  readBounded,
  readerOf,
  readFields,
  readString,
} from "./wire.ts";
import { type Mutable, readSpan } from "./wire-span.ts";
import { type Attributed, attributed, readAttributed } from "./wire-values.ts";

/** Of each message the fields that are read here. */
const fields = {
  request: fieldNumbers(1),
  resourceSpans: fieldNumbers(2),
  resource: fieldNumbers(1, 2),
  scopeSpans: fieldNumbers(2),
  scope: fieldNumbers(1, 2, 3, 4),
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
  const reader = readerOf(body, reading);
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
