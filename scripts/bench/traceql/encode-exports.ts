import { join } from "node:path";
import protobuf from "protobufjs";
import { type KeyValue, type Span, spanKinds, statusCodes, type Value } from "#contract";
import { checkout } from "../../../stack/index.ts";

/** What OTLP's own definitions make of protobufjs's plain messages. */
const request = lookUpRequest();

/** One `ExportTraceServiceRequest` as it goes over the wire. */
export interface EncodedExport {
  readonly body: Buffer;
  readonly spans: number;
}

/** @param spans Of one resource and one scope, that of the first. */
export function encodeExport(spans: readonly Span[]): EncodedExport {
  const [first] = spans;
  const message = {
    resourceSpans: [
      {
        resource: { attributes: first?.resource.attributes.map(attributeOf) ?? [] },
        scopeSpans: [{ scope: { name: first?.scope.name ?? "" }, spans: spans.map(spanOf) }],
      },
    ],
  };
  return { body: Buffer.from(request.encode(message).finish()), spans: spans.length };
}

function lookUpRequest(): protobuf.Type {
  const root = new protobuf.Root();
  const folder = join(checkout, "stack", "trace-store", "receiver", "opentelemetry-proto");
  root.resolvePath = (_origin, target) => join(folder, target);
  root.loadSync("opentelemetry/proto/collector/trace/v1/trace_service.proto");
  return root.lookupType("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest");
}

function spanOf(span: Span): Record<string, unknown> {
  return {
    traceId: Buffer.from(span.traceId, "hex"),
    spanId: Buffer.from(span.spanId, "hex"),
    ...(span.parentSpanId === null ? {} : { parentSpanId: Buffer.from(span.parentSpanId, "hex") }),
    flags: span.flags,
    name: span.name,
    kind: spanKinds.indexOf(span.kind),
    startTimeUnixNano: halves(span.startTimeUnixNano),
    endTimeUnixNano: halves(span.endTimeUnixNano),
    attributes: span.attributes.map(attributeOf),
    events: span.events.map(({ timeUnixNano, name, attributes }) => ({
      timeUnixNano: halves(timeUnixNano),
      name,
      attributes: attributes.map(attributeOf),
    })),
    status: { code: statusCodes.indexOf(span.status.code), message: span.status.message },
  };
}

/** 64 bits as protobufjs takes them where a number would not be exact. */
function halves(value: bigint): { low: number; high: number; unsigned: boolean } {
  return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n), unsigned: true };
}

function attributeOf({ key, value }: KeyValue): Record<string, unknown> {
  return { key, value: anyValueOf(value) };
}

/** The traces of the bench have no other values. */
function anyValueOf(value: Value): Record<string, unknown> {
  switch (value.type) {
    case "string":
      return { stringValue: value.value };
    case "bool":
      return { boolValue: value.value };
    case "int":
      return { intValue: Number(value.value) };
    case "double":
      return { doubleValue: value.value };
    default:
      throw new TypeError(`No span of the bench has a value of the type ${value.type}.`);
  }
}
