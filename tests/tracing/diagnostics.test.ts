import assert from "node:assert/strict";
import { test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { encodeResponse, grpcMethod } from "../../stack/trace-store/receiver/protocol.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { completeRequest, startTracedService } from "./traced-service.ts";

/** A collector that takes every export, and says that it did not take one of its spans. */
async function startPickyCollector(port: number): Promise<grpc.Server> {
  const bytes = (message: Buffer) => message;
  const server = new grpc.Server();
  server.addService(
    {
      export: {
        path: grpcMethod,
        requestStream: false,
        responseStream: false,
        requestSerialize: bytes,
        requestDeserialize: bytes,
        responseSerialize: bytes,
        responseDeserialize: bytes,
      },
    },
    {
      export: (_call: unknown, callback: grpc.sendUnaryData<Buffer>) =>
        callback(null, encodeResponse({ rejectedSpans: 1, errorMessage: "one is too old" })),
    },
  );
  await new Promise<void>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return server;
}

test("what OpenTelemetry warns of is a line of ours, once for each kind, and never on the console", async (t) => {
  const written: unknown[] = [];
  for (const method of ["error", "warn", "info", "debug", "log", "trace"] as const) {
    t.mock.method(console, method, (...parts: unknown[]) => written.push(parts));
  }
  const receiver = await OtlpReceiver.start();
  await receiver.stop();
  const collector = await startPickyCollector(receiver.grpcPort);
  const service = await startTracedService({
    receiver,
    environment: {
      OTEL_LOG_LEVEL: "debug",
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "1",
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "5",
    },
  });
  for (let request = 0; request < 4; request += 1) {
    await completeRequest(service.tracing);
  }
  await service.stop();
  collector.forceShutdown();

  const reasons = service.lines.map(({ event, fields }) => [event, fields.reason]);
  assert.deepEqual(reasons, [
    ["tracing.message", "Dropping extra attributes."],
    [
      "tracing.message",
      'Received Partial Success response: {"rejectedSpans":1,"errorMessage":"one is too old"}',
    ],
  ]);
  assert.deepEqual(written, []);
});
