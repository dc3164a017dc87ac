import protobuf from "protobufjs";
import { otlpDefinitions } from "./encode-protobuf.ts";

/** Decodes Tempo's answers in protobuf with protobufjs, into protobuf's own JSON. */

const search = `
  syntax = "proto3"; package tempopb;
  message Metrics {}
  message SearchResponse { repeated TraceSearchMetadata traces = 1; Metrics metrics = 2; }
  message TraceSearchMetadata {
    string traceID = 1; string rootServiceName = 2; string rootTraceName = 3;
    uint64 startTimeUnixNano = 4; uint32 durationMs = 5; SpanSet spanSet = 6;
    repeated SpanSet spanSets = 7; map<string, ServiceStats> serviceStats = 8;
  }
  message ServiceStats { uint32 spanCount = 1; uint32 errorCount = 2; }
  message SpanSet {
    repeated Span spans = 1; uint32 matched = 2;
    repeated opentelemetry.proto.common.v1.KeyValue attributes = 3;
  }
  message Span {
    string spanID = 1; string name = 2; uint64 startTimeUnixNano = 3; uint64 durationNanos = 4;
    repeated opentelemetry.proto.common.v1.KeyValue attributes = 5;
  }
  message SearchTagsResponse { repeated string tagNames = 1; Metrics metrics = 2; }
  message SearchTagsV2Response { repeated Scope scopes = 1; Metrics metrics = 2; }
  message Scope { string name = 1; repeated string tags = 2; }
  message SearchTagValuesV2Response { repeated TagValue tagValues = 1; Metrics metrics = 2; }
  message TagValue { string type = 1; string value = 2; }
  message Trace { repeated opentelemetry.proto.trace.v1.ResourceSpans resourceSpans = 1; }
  message TraceByIDResponse { Trace trace = 1; Metrics metrics = 2; }
`;

const { root } = protobuf.parse(search, otlpDefinitions(), { keepCase: true });

export function decodeTempo(message: string, body: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(`tempopb.${message}`);
  return type.toObject(type.decode(body), { longs: String, bytes: String, enums: String });
}
