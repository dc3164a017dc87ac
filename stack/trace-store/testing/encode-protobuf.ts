import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { type JsonDialect, type Span, writeResourceSpans } from "#contract";

/**
 * OTLP's own definitions, read by protobufjs: what the receiver, which reads the wire by hand, is
 * compared with.
 */
export function otlpDefinitions(): protobuf.Root {
  const root = new protobuf.Root();
  const folder = fileURLToPath(new URL("../receiver/opentelemetry-proto/", import.meta.url));
  root.resolvePath = (_origin, target) => folder + target;
  return root.loadSync("opentelemetry/proto/collector/trace/v1/trace_service.proto");
}

const root = otlpDefinitions();

const request = root.lookupType("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest");
const response = root.lookupType(
  "opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse",
);
const spanMessage = root.lookupType("opentelemetry.proto.trace.v1.Span");

/** The spans as an `ExportTraceServiceRequest`. */
export function encodeProtobuf(spans: readonly Span[]): Buffer {
  return encodeRequest({ resourceSpans: writeResourceSpans(spans, "tempo") });
}

/** A span alone, as OTLP's or Tempo's JSON has it. */
export function encodeJsonSpan(span: Span, dialect: JsonDialect): object {
  const [document] = writeResourceSpans([span], dialect) as unknown as {
    scopeSpans: { spans: object[] }[];
  }[];
  return document?.scopeSpans[0]?.spans[0] ?? {};
}

/** The content of a span's message. */
export function encodeSpan(span: Span): Buffer {
  const content = spanMessage.fromObject(encodeJsonSpan(span, "tempo") as Record<string, unknown>);
  return Buffer.from(spanMessage.encode(content).finish());
}

/** Any content of the message, by protobuf's JSON mapping. */
export function encodeRequest(content: Record<string, unknown>): Buffer {
  return Buffer.from(request.encode(request.fromObject(content)).finish());
}

/** What an `ExportTraceServiceResponse` says, by protobuf's JSON mapping. */
export function decodeResponse(body: Uint8Array): Record<string, unknown> {
  return response.toObject(response.decode(body), { longs: String });
}
