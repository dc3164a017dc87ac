import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import protobuf from "protobufjs";

/** The part of OTLP's metrics that the server sends. The numbers are those of the protocol. */
const protocol = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Resource { repeated Attribute attributes = 1; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message Scope { string name = 1; }
  message Attribute { string key = 1; Value value = 2; }
  message Value { oneof value { string string_value = 1; bool bool_value = 2; } }
  message Metric {
    string name = 1; string description = 2; string unit = 3;
    oneof data { Numbers gauge = 5; Numbers sum = 7; Histograms histogram = 9; }
  }
  message Numbers { repeated Number data_points = 1; int32 temporality = 2; bool is_monotonic = 3; }
  message Number {
    repeated Attribute attributes = 7; oneof value { double as_double = 4; sfixed64 as_int = 6; }
  }
  message Histograms { repeated Histogram data_points = 1; int32 temporality = 2; }
  message Histogram {
    repeated Attribute attributes = 9; fixed64 count = 4; optional double sum = 5;
    repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
  }
`).root;

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly boolValue?: boolean };
}

interface Point {
  readonly attributes?: readonly Attribute[];
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
}

interface Points {
  readonly dataPoints: readonly Point[];
  readonly temporality?: number;
  readonly isMonotonic?: boolean;
}

export interface ReceivedMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly gauge?: Points;
  readonly sum?: Points;
  readonly histogram?: Points & { readonly dataPoints: readonly { explicitBounds?: number[] }[] };
}

/** What a message of OTLP holds. @throws Error when it is none. */
export function decodeMetrics(bytes: Buffer): ReceivedExport {
  const type = protocol.lookupType("Request");
  return type.toObject(type.decode(bytes), { longs: Number }) as ReceivedExport;
}

interface ReceivedExport {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly ReceivedMetric[];
    }[];
  }[];
}

/** For tests: takes metrics over OTLP and gRPC, as a collector does. */
export class MetricReceiver {
  readonly exports: ReceivedExport[] = [];
  readonly #server = new Server();
  #port = 0;

  static async start(): Promise<MetricReceiver> {
    const receiver = new MetricReceiver();
    const path = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    const asIs = (bytes: Buffer): Buffer => bytes;
    const method = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    };
    receiver.#server.addService(
      { export: method },
      {
        export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
          receiver.exports.push(decodeMetrics(call.request));
          callback(null, Buffer.alloc(0));
        },
      },
    );
    receiver.#port = await new Promise((resolve, reject) => {
      receiver.#server.bindAsync(
        "127.0.0.1:0",
        ServerCredentials.createInsecure(),
        (error, port) => (error === null ? resolve(port) : reject(error)),
      );
    });
    return receiver;
  }

  /** For OTEL_EXPORTER_OTLP_METRICS_ENDPOINT. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}
