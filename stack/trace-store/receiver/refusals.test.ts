import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import * as grpc from "@grpc/grpc-js";
import { writeResourceSpans } from "#contract";
import { decodeResponse, encodeProtobuf, encodeRequest } from "../testing/encode-protobuf.ts";
import {
  maxMessageBytes,
  type ReceiverUnderTest,
  startReceiverUnderTest,
} from "../testing/receiver-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { grpcExporter, send } from "../testing/send.ts";
import { startReceiver } from "./index.ts";

const protobuf = { "content-type": "application/x-protobuf" };
const json = { "content-type": "application/json" };

let receiver: ReceiverUnderTest;

before(async () => {
  receiver = await startReceiverUnderTest();
});
beforeEach(() => receiver.reset());
after(() => receiver.close());

async function grpcError(message: Buffer): Promise<grpc.ServiceError> {
  const exporter = grpcExporter(receiver.grpcPort);
  try {
    await exporter.export(message);
  } catch (error) {
    return error as grpc.ServiceError;
  } finally {
    exporter.close();
  }
  assert.fail("the export was taken");
}

test("spans without valid ids are refused and counted, the others are taken", async () => {
  const good = sampleSpan();
  const bodies = encodeRequest({
    resourceSpans: [
      ...writeResourceSpans([good], "tempo"),
      {
        scopeSpans: [
          {
            spans: [
              { traceId: Buffer.alloc(16), spanId: Buffer.alloc(8, 1) },
              { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(4, 1) },
              { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), parentSpanId: "AQ==" },
            ],
          },
        ],
      },
    ],
  });
  const { status, body } = await receiver.post(bodies);
  assert.equal(status, 200);
  const { rejectedSpans, errorMessage } = decodeResponse(body).partialSuccess as {
    rejectedSpans: string;
    errorMessage: string;
  };
  assert.equal(rejectedSpans, "3");
  assert.match(errorMessage, /3 of 4 not taken: spans without valid ids \(3\)/);
  assert.deepEqual(receiver.received, [good]);
  const zeros = JSON.stringify({
    resourceSpans: writeResourceSpans([sampleSpan({ spanId: "0".repeat(16) })], "otlp"),
  });
  assert.equal((await receiver.post(zeros, json)).status, 400);
});

test("what is malformed: 400 and INVALID_ARGUMENT", async () => {
  const broken = encodeProtobuf([sampleSpan()]).subarray(0, -1);
  assert.equal((await receiver.post(broken)).status, 400);
  assert.equal((await receiver.post("{", json)).status, 400);
  assert.equal((await receiver.post(broken, { "content-encoding": "gzip" })).status, 400);
  const error = await grpcError(broken);
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
  assert.match(error.details, /not an OTLP ExportTraceServiceRequest/);
  assert.deepEqual(receiver.received, []);
});

test("what is too large: 413 and RESOURCE_EXHAUSTED, packed or not", async () => {
  const large = encodeProtobuf([sampleSpan({ name: "x".repeat(maxMessageBytes) })]);
  const chunked = await send({
    port: receiver.httpPort,
    path: "/v1/traces",
    method: "POST",
    headers: { ...protobuf, "transfer-encoding": "chunked" },
    body: large,
  });
  assert.equal(chunked.status, 413);
  assert.equal((await receiver.post(large)).status, 413);
  assert.equal((await receiver.post(gzipSync(large), { "content-encoding": "gzip" })).status, 413);
  assert.equal((await grpcError(large)).code, grpc.status.RESOURCE_EXHAUSTED);
  const exporter = grpcExporter(receiver.grpcPort, {
    compression: grpc.compressionAlgorithms.gzip,
  });
  await assert.rejects(exporter.export(large), { code: grpc.status.RESOURCE_EXHAUSTED });
  exporter.close();
  assert.deepEqual(receiver.received, []);
});

test("a store that fails: 503 and UNAVAILABLE, to be sent again, and not a word of its error", async () => {
  receiver.accept = () => Promise.reject(new Error("secret detail"));
  const body = encodeProtobuf([sampleSpan()]);
  const { status, headers, body: answered } = await receiver.post(body);
  assert.equal(status, 503);
  assert.equal(headers["retry-after"], "1");
  assert.doesNotMatch(answered.toString(), /secret/);
  const error = await grpcError(body);
  assert.equal(error.code, grpc.status.UNAVAILABLE);
  assert.doesNotMatch(error.details, /secret/);
  assert.equal(error.metadata.get("grpc-status-details-bin").length, 1);
});

test("when too many bytes are in flight: 429 and RESOURCE_EXHAUSTED with a time to come again", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  receiver.accept = () => held;
  const body = encodeProtobuf([sampleSpan({ name: "x".repeat(maxMessageBytes * 0.9) })]);
  const waiting = [receiver.post(body), receiver.post(body)];
  // Both are in the receiver's hands once a third is refused; until then it may be let in.
  const refused = await eventually(async () => {
    const answer = await Promise.race([
      receiver.post(body),
      new Promise<undefined>((resolve) => setTimeout(resolve, 300, undefined)),
    ]);
    return answer?.status === 429 ? answer : undefined;
  });
  assert.equal(refused.headers["retry-after"], "1");
  const error = await grpcError(body);
  assert.equal(error.code, grpc.status.RESOURCE_EXHAUSTED);
  const [details] = error.metadata.get("grpc-status-details-bin");
  assert.match(String(details), /google\.rpc\.RetryInfo/);
  release();
  const answers = await Promise.all(waiting);
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 200],
  );
  assert.equal((await receiver.post(body)).status, 200, "there is room again");
});

test("only POST of the right kind to the right path by the right name is read", async () => {
  const body = encodeProtobuf([sampleSpan()]);
  const { httpPort: port } = receiver;
  assert.equal((await receiver.post(body, { host: "evil.example" })).status, 421);
  assert.equal((await receiver.post(body, { host: `evil.example:${port}` })).status, 421);
  assert.equal((await receiver.post(body, { host: `localhost:${port}` })).status, 200);
  assert.equal((await receiver.post(body, { origin: "http://evil.example" })).status, 403);
  assert.equal((await receiver.post(body, { origin: "null" })).status, 403);
  assert.equal((await receiver.post(body, { "content-type": "text/plain" })).status, 415);
  assert.equal((await receiver.post(body, { "content-encoding": "br" })).status, 415);
  const path = "/v1/traces";
  const got = await send({ port, path });
  assert.deepEqual([got.status, got.headers.allow], [405, "POST"]);
  assert.equal((await send({ port, path: "/v1/logs", method: "POST", body: "" })).status, 404);
  assert.equal(receiver.received.length, 1, "only the one that was answered with 200");
});

test("a client that breaks off, or speaks another protocol, disturbs nobody and leaves nothing", async () => {
  const large = Buffer.alloc(maxMessageBytes, 1);
  for (let time = 0; time < 5; time += 1) {
    const socket = connect(receiver.httpPort, "127.0.0.1");
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${large.length}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.write(large.subarray(1), resolve));
    socket.destroy();
    const stranger = connect(receiver.grpcPort, "127.0.0.1");
    stranger.end("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await once(stranger.resume(), "close");
  }
  // Whatever the five had reserved would not leave room for this one.
  const body = encodeProtobuf([sampleSpan({ name: "x".repeat(maxMessageBytes * 0.9) })]);
  const taken = await eventually(async () => {
    const answer = await receiver.post(body);
    return answer.status === 200 ? answer : undefined;
  });
  assert.equal(taken.status, 200);
  const exporter = grpcExporter(receiver.grpcPort);
  await exporter.export(body);
  exporter.close();
});

async function eventually<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let left = 50; left > 0; left -= 1) {
    const result = await attempt();
    if (result !== undefined) {
      return result;
    }
  }
  assert.fail("it did not happen");
}

test("a page's spans are taken when its origin is allowed, with the browser's question before", async (context) => {
  const origin = "https://app.example";
  const names: string[] = [];
  const allowing = await startReceiver({
    hosts: ["127.0.0.1"],
    grpcPort: 0,
    httpPort: 0,
    allowed: { hosts: ["host.docker.internal"], origins: [origin] },
    accept: async (spans) => {
      names.push(...spans.map(({ name }) => name));
    },
  });
  context.after(allowing.close);
  const sent = { port: allowing.httpPort, path: "/v1/traces" };
  const question = await send({
    ...sent,
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  });
  assert.deepEqual(
    [question.status, question.headers["access-control-allow-origin"]],
    [204, origin],
  );
  const headers = { origin, host: "host.docker.internal:4318", "content-type": "application/json" };
  const body = JSON.stringify({ resourceSpans: writeResourceSpans([sampleSpan()], "otlp") });
  const answer = await send({ ...sent, method: "POST", headers, body });
  assert.deepEqual([answer.status, answer.headers["access-control-allow-origin"]], [200, origin]);
  assert.deepEqual(names, [sampleSpan().name]);
  const malformed = await send({ ...sent, method: "POST", headers, body: "{" });
  assert.deepEqual(
    [malformed.status, malformed.headers["access-control-allow-origin"]],
    [400, origin],
    "a page can read what is wrong too",
  );
});
