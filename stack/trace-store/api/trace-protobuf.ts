import protobuf from "protobufjs/minimal.js";
import {
  type KeyValue,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanLink,
  spanKinds,
  statusCodes,
} from "#contract";
import { writeAttributes } from "./value-protobuf.ts";

/**
 * Traces as protobuf, the way Tempo's API answers them: its `Trace` and `TraceByIDResponse`, in which
 * OTLP's `ResourceSpans` lie. The numbers are those of the fields in OTLP's definitions.
 */
type Writer = ReturnType<typeof protobuf.Writer.create>;

const delimited = 2;
const eightBytes = 1;
const fourBytes = 5;

/** `Trace { resourceSpans = 1 }`, or a part of one: several behind each other are one again. */
export function encodeTrace(spans: readonly Span[]): Buffer {
  return Buffer.from(writeTrace(protobuf.Writer.create(), spans).finish());
}

/**
 * `TraceByIDResponse { trace = 1; metrics = 2 }`. Both are there also when they are empty. The length
 * of the trace stands before it.
 * @param trace What `encodeTrace` makes of its parts, one behind the other.
 */
export function encodeTraceById(trace: readonly Buffer[]): Uint8Array[] {
  const bytes = trace.reduce((sum, part) => sum + part.length, 0);
  return [
    protobuf.Writer.create()
      .uint32(1 * 8 + delimited)
      .uint32(bytes)
      .finish(),
    ...trace,
    protobuf.Writer.create()
      .uint32(2 * 8 + delimited)
      .bytes(new Uint8Array())
      .finish(),
  ];
}

/** Spans of one resource or scope share it, so they are told apart by identity. */
function writeTrace(writer: Writer, spans: readonly Span[]): Writer {
  for (const [resource, ofResource] of Map.groupBy(spans, (span) => span.resource)) {
    writer.uint32(1 * 8 + delimited).fork();
    writeResource(writer.uint32(1 * 8 + delimited).fork(), resource).ldelim();
    for (const [scope, ofScope] of Map.groupBy(ofResource, (span) => span.scope)) {
      writeScopeSpans(writer.uint32(2 * 8 + delimited).fork(), scope, ofScope).ldelim();
    }
    writeText(writer, 3, resource.schemaUrl).ldelim();
  }
  return writer;
}

function writeResource(writer: Writer, resource: Resource): Writer {
  return writeAttributed(writer, resource, 1, 2);
}

function writeScopeSpans(writer: Writer, scope: Scope, spans: readonly Span[]): Writer {
  writer.uint32(1 * 8 + delimited).fork();
  writeText(writer, 1, scope.name);
  writeText(writer, 2, scope.version);
  writeAttributed(writer, scope, 3, 4).ldelim();
  for (const span of spans) {
    writeSpan(writer.uint32(2 * 8 + delimited).fork(), span).ldelim();
  }
  return writeText(writer, 3, scope.schemaUrl);
}

function writeSpan(writer: Writer, span: Span): Writer {
  writeId(writer, 1, span.traceId);
  writeId(writer, 2, span.spanId);
  writeText(writer, 3, span.traceState);
  writeId(writer, 4, span.parentSpanId ?? "");
  writeText(writer, 5, span.name);
  writeNumber(writer, 6, spanKinds.indexOf(span.kind));
  writeFixed64(writer, 7, span.startTimeUnixNano);
  writeFixed64(writer, 8, span.endTimeUnixNano);
  writeAttributed(writer, span, 9, 10);
  for (const event of span.events) {
    writeEvent(writer.uint32(11 * 8 + delimited).fork(), event).ldelim();
  }
  writeNumber(writer, 12, span.droppedEventsCount);
  for (const link of span.links) {
    writeLink(writer.uint32(13 * 8 + delimited).fork(), link).ldelim();
  }
  writeNumber(writer, 14, span.droppedLinksCount);
  writer.uint32(15 * 8 + delimited).fork();
  writeText(writer, 2, span.status.message);
  writeNumber(writer, 3, statusCodes.indexOf(span.status.code)).ldelim();
  return writeFlags(writer, 16, span.flags);
}

function writeEvent(writer: Writer, event: SpanEvent): Writer {
  writeFixed64(writer, 1, event.timeUnixNano);
  writeText(writer, 2, event.name);
  return writeAttributed(writer, event, 3, 4);
}

function writeLink(writer: Writer, link: SpanLink): Writer {
  writeId(writer, 1, link.traceId);
  writeId(writer, 2, link.spanId);
  writeText(writer, 3, link.traceState);
  writeAttributed(writer, link, 4, 5);
  return writeFlags(writer, 6, link.flags);
}

function writeAttributed(
  writer: Writer,
  owner: { readonly attributes: readonly KeyValue[]; readonly droppedAttributesCount: number },
  attributesField: number,
  droppedField: number,
): Writer {
  writeAttributes(writer, attributesField, owner.attributes);
  return writeNumber(writer, droppedField, owner.droppedAttributesCount);
}

function writeText(writer: Writer, field: number, text: string): Writer {
  return text === "" ? writer : writer.uint32(field * 8 + delimited).string(text);
}

function writeId(writer: Writer, field: number, hex: string): Writer {
  return hex === "" ? writer : writer.uint32(field * 8 + delimited).bytes(Buffer.from(hex, "hex"));
}

function writeNumber(writer: Writer, field: number, value: number): Writer {
  return value === 0 ? writer : writer.uint32(field * 8).uint32(value);
}

function writeFlags(writer: Writer, field: number, flags: number): Writer {
  return flags === 0 ? writer : writer.uint32(field * 8 + fourBytes).fixed32(flags);
}

function writeFixed64(writer: Writer, field: number, value: bigint): Writer {
  if (value === 0n) {
    return writer;
  }
  const low = Number(BigInt.asUintN(32, value));
  const high = Number(BigInt.asUintN(32, value >> 32n));
  return writer.uint32(field * 8 + eightBytes).fixed64({ low, high, unsigned: true } as never);
}
