import protobuf from "protobufjs/minimal.js";

/** The method of gRPC and the path of HTTP to which spans are exported. */
export const grpcMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
export const httpPath = "/v1/traces";

/** What the sender of an export that was taken should know. */
export interface PartialSuccess {
  /** Spans that were not taken; 0 for a warning alone. */
  readonly rejectedSpans: number;
  readonly errorMessage: string;
}

/** An `ExportTraceServiceResponse`; when everything was taken it is empty. */
export function encodeResponse(partialSuccess: PartialSuccess | undefined): Buffer {
  const writer = protobuf.Writer.create();
  if (partialSuccess !== undefined) {
    writer.uint32(1 * 8 + 2).fork();
    if (partialSuccess.rejectedSpans > 0) {
      writer.uint32(1 * 8).int64(partialSuccess.rejectedSpans);
    }
    writer.uint32(2 * 8 + 2).string(partialSuccess.errorMessage);
    writer.ldelim();
  }
  return Buffer.from(writer.finish());
}

export interface Status {
  /** A code of gRPC. */
  readonly code: number;
  readonly message: string;
  /** When the sender may try again. Without it, it must not where OTLP leaves it open. */
  readonly retryAfterSeconds?: number | undefined;
}

/** A `google.rpc.Status`, in which OTLP's errors travel, with a `google.rpc.RetryInfo`. */
export function encodeStatus(status: Status): Buffer {
  const writer = protobuf.Writer.create();
  writer.uint32(1 * 8).int32(status.code);
  writer.uint32(2 * 8 + 2).string(status.message);
  if (status.retryAfterSeconds !== undefined) {
    writer.uint32(3 * 8 + 2).fork();
    writer.uint32(1 * 8 + 2).string("type.googleapis.com/google.rpc.RetryInfo");
    writer.uint32(2 * 8 + 2).fork();
    writer.uint32(1 * 8 + 2).fork();
    writer.uint32(1 * 8).int64(status.retryAfterSeconds);
    writer.ldelim().ldelim().ldelim();
  }
  return Buffer.from(writer.finish());
}
