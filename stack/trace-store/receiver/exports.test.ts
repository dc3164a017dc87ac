import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import * as grpc from "@grpc/grpc-js";
import { SpanKind } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { findString, writeResourceSpans } from "#contract";
import { encodeProtobuf } from "../testing/encode-protobuf.ts";
import { type ReceiverUnderTest, startReceiverUnderTest } from "../testing/receiver-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { grpcExporter, type HttpAnswer, send } from "../testing/send.ts";
import { startReceiver } from "./index.ts";

const protobuf = { "content-type": "application/x-protobuf" };
const json = { "content-type": "application/json" };

let receiver: ReceiverUnderTest;

before(async () => {
  receiver = await startReceiverUnderTest();
});
beforeEach(() => receiver.reset());
after(() => receiver.close());

test("the stock exporter's spans arrive whole", async () => {
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${receiver.grpcPort}` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "stock" }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer("a-tracer", "1.2.3");
  const span = tracer.startSpan("work", {
    kind: SpanKind.CLIENT,
    attributes: { whole: 7, half: 0.5, list: ["a", "b"], yes: true },
  });
  span.addEvent("half way", { step: 3 });
  span.recordException(new TypeError("broken"));
  span.end();
  await provider.forceFlush();
  await provider.shutdown();
  const [arrived] = receiver.received;
  assert.ok(arrived && receiver.received.length === 1);
  assert.equal(arrived.traceId, span.spanContext().traceId);
  assert.equal(arrived.kind, "client");
  assert.equal(arrived.parentSpanId, null);
  assert.deepEqual(arrived.attributes, [
    { key: "whole", value: { type: "int", value: 7n } },
    { key: "half", value: { type: "double", value: 0.5 } },
    {
      key: "list",
      value: {
        type: "array",
        value: [
          { type: "string", value: "a" },
          { type: "string", value: "b" },
        ],
      },
    },
    { key: "yes", value: { type: "bool", value: true } },
  ]);
  assert.deepEqual(
    arrived.events.map((event) => event.name),
    ["half way", "exception"],
  );
  assert.deepEqual([arrived.scope.name, arrived.scope.version], ["a-tracer", "1.2.3"]);
  assert.equal(findString(arrived.resource.attributes, "service.name"), "stock");
});

test("the same spans arrive by every way: gRPC and HTTP, plain and gzip, protobuf and JSON", async () => {
  const sent = [sampleSpan(), sampleSpan({ spanId: "00f067aa0ba902b7", name: "format.output" })];
  const body = encodeProtobuf(sent);
  const inJson = JSON.stringify({ resourceSpans: writeResourceSpans(sent, "otlp") });
  const overGrpc = async (compression: grpc.compressionAlgorithms) => {
    const exporter = grpcExporter(receiver.grpcPort, { compression });
    assert.equal((await exporter.export(body)).length, 0);
    exporter.close();
  };
  const overHttp = async (answer: Promise<HttpAnswer>, contentType: string, text: string) => {
    const { status, headers, body: answered } = await answer;
    assert.equal(status, 200, answered.toString());
    assert.equal(headers["content-type"], contentType);
    assert.equal(answered.toString(), text);
  };
  const ways = [
    () => overGrpc(grpc.compressionAlgorithms.identity),
    () => overGrpc(grpc.compressionAlgorithms.gzip),
    () => overHttp(receiver.post(body), "application/x-protobuf", ""),
    () =>
      overHttp(
        receiver.post(gzipSync(body), { "content-encoding": "gzip" }),
        "application/x-protobuf",
        "",
      ),
    () => overHttp(receiver.post(inJson, json), "application/json", "{}"),
    () =>
      overHttp(
        receiver.post(gzipSync(inJson), {
          "content-type": "application/json; charset=utf-8",
          "content-encoding": "gzip",
        }),
        "application/json",
        "{}",
      ),
  ];
  for (const way of ways) {
    receiver.received = [];
    await way();
    assert.deepEqual(receiver.received, sent);
  }
});

test("how a body is packed may be named in any case, by its old name, and in a list", async () => {
  const body = encodeProtobuf([sampleSpan()]);
  const packed = gzipSync(body);
  const bodies: [encoding: string, body: Buffer][] = [
    ["GZIP", packed],
    ["x-gzip", packed],
    ["X-GZip", packed],
    ["identity", body],
    ["Identity, gzip", packed],
    ["", body],
    ["deflate", deflateSync(body)],
    ["deflate, gzip", gzipSync(deflateSync(body))],
  ];
  for (const [encoding, sent] of bodies) {
    receiver.reset();
    assert.equal(
      (await receiver.post(sent, { "content-encoding": encoding })).status,
      200,
      encoding,
    );
    assert.deepEqual(receiver.received, [sampleSpan()]);
  }
  for (const encoding of ["br", "gzip, zstd", "gzip, gzip, gzip"]) {
    const {
      status,
      headers,
      body: said,
    } = await receiver.post(body, { "content-encoding": encoding });
    assert.deepEqual([status, headers["accept-encoding"]], [415, "gzip, deflate, identity"]);
    assert.match(said.toString(), /gzip or deflate or identity/);
  }
  assert.equal((await receiver.post(body, { "content-encoding": "gzip" })).status, 400);
});

test("a kind of content may be named in any case, with parameters", async () => {
  const body = JSON.stringify({ resourceSpans: writeResourceSpans([sampleSpan()], "otlp") });
  for (const contentType of [
    "Application/JSON",
    "application/json;charset=UTF-8",
    "application/json ; a=b",
  ]) {
    receiver.reset();
    assert.equal((await receiver.post(body, { "content-type": contentType })).status, 200);
    assert.equal(receiver.received.length, 1);
  }
});

test("IPv6 loopback is served on the same ports, where the machine has it", async (context) => {
  if (receiver.missingHosts.includes("::1")) {
    context.skip("this machine has no ::1");
    return;
  }
  const body = encodeProtobuf([sampleSpan()]);
  const answer = await send({
    host: "::1",
    port: receiver.httpPort,
    path: "/v1/traces",
    method: "POST",
    headers: { ...protobuf, host: `[::1]:${receiver.httpPort}` },
    body,
  });
  assert.equal(answer.status, 200);
  const exporter = grpcExporter(receiver.grpcPort, { host: "[::1]" });
  await exporter.export(body);
  exporter.close();
  assert.equal(receiver.received.length, 2);
});

test("an export is answered only after it was accepted", async () => {
  let isSafe = false;
  receiver.accept = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    isSafe = true;
  };
  assert.equal((await receiver.post(encodeProtobuf([sampleSpan()]))).status, 200);
  assert.ok(isSafe);
});

test("an export of nothing is fine and reaches nobody", async () => {
  receiver.accept = () => Promise.reject(new Error("must not be called"));
  assert.equal((await receiver.post("")).status, 200);
  assert.equal((await receiver.post("{}", json)).status, 200);
});

test("a port that is taken is named, on either protocol, and nothing stays open", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const { port } = holder.address() as { port: number };
  const start = (grpcPort: number, httpPort: number) =>
    startReceiver({ hosts: ["127.0.0.1", "::1"], grpcPort, httpPort, accept: async () => {} });
  await assert.rejects(start(port, 0), { code: "EADDRINUSE", port });
  const free = await start(0, 0);
  await free.close();
  await assert.rejects(start(free.grpcPort, port), { code: "EADDRINUSE", port });
  holder.close();
  const again = await start(free.grpcPort, free.httpPort);
  await again.close();
});

test("closing waits for the exports that are running", async () => {
  const both = Promise.withResolvers<void>();
  let accepted = 0;
  const closing = await startReceiver({
    hosts: ["127.0.0.1"],
    grpcPort: 0,
    httpPort: 0,
    accept: async () => {
      accepted += 1;
      if (accepted === 2) {
        both.resolve();
      }
      await both.promise;
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
  });
  const body = encodeProtobuf([sampleSpan()]);
  const exporter = grpcExporter(closing.grpcPort);
  const overGrpc = exporter.export(body);
  const overHttp = send({
    port: closing.httpPort,
    path: "/v1/traces",
    method: "POST",
    headers: protobuf,
    body,
  });
  await both.promise;
  await closing.close();
  assert.equal((await overGrpc).length, 0);
  assert.equal((await overHttp).status, 200);
  exporter.close();
});
