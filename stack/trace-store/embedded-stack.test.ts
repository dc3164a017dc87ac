import assert from "node:assert/strict";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { readOtlpJson, type Span, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { type EmbeddedEvent, type EmbeddedStack, startEmbeddedStack } from "./index.ts";
import { encodeProtobuf } from "./testing/encode-protobuf.ts";
import { sampleSpan } from "./testing/sample-span.ts";
import { type HttpAnswer, send } from "./testing/send.ts";

const freePorts = { tempo: 0, otlpGrpc: 0, otlpHttp: 0 };
const { traceId } = sampleSpan();

async function startStack(context: TestContext): Promise<EmbeddedStack> {
  const stack = await startEmbeddedStack([miniserve], {
    dataDirectory: temporaryDirectory(),
    ports: freePorts,
    hosts: ["127.0.0.1", "::1"],
  });
  context.after(() => stack.close());
  return stack;
}

async function exportSpans(stack: EmbeddedStack, spans: readonly Span[]): Promise<void> {
  const { status, body } = await send({
    port: stack.ports.otlpHttp,
    path: "/v1/traces",
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: encodeProtobuf(spans),
  });
  assert.equal(status, 200, body.toString());
}

function get(stack: EmbeddedStack, path: string, headers = {}): Promise<HttpAnswer> {
  return send({ port: stack.ports.tempo, path, headers });
}

test("a trace of the stock exporter is read as soon as it is acknowledged", async (context) => {
  const stack = await startStack(context);
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${stack.ports.otlpGrpc}` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "stock" }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const span = provider.getTracer("tracer").startSpan("work", { attributes: { half: 0.5 } });
  span.end();
  await provider.forceFlush();
  const { traceId: id, spanId } = span.spanContext();
  const { status, body } = await get(stack, `/api/v2/traces/${id}`);
  await provider.shutdown();
  assert.equal(status, 200);
  const { spans, faults } = readOtlpJson(JSON.parse(body.toString()));
  assert.deepEqual(faults, []);
  assert.deepEqual(
    spans.map((read) => [read.traceId, read.spanId, read.name, read.attributes]),
    [[id, spanId, "work", [{ key: "half", value: { type: "double", value: 0.5 } }]]],
  );
});

test("both versions of a trace are Tempo's JSON, and unknown traces are answered as Tempo does", async (context) => {
  const stack = await startStack(context);
  const spans = [
    sampleSpan({ kind: "server", name: "http.handler" }),
    sampleSpan({
      spanId: "00f067aa0ba902b7",
      parentSpanId: sampleSpan().spanId,
      startTimeUnixNano: sampleSpan().startTimeUnixNano + 5n,
      attributes: [{ key: "llm.tokens.out", value: { type: "int", value: 0n } }],
    }),
  ];
  await exportSpans(stack, spans);
  const resourceSpans = writeResourceSpans(spans, "tempo");
  const first = await get(stack, `/api/traces/${traceId}`);
  assert.equal(first.headers["content-type"], "application/json");
  assert.deepEqual(JSON.parse(first.body.toString()), { batches: resourceSpans });
  const second = await get(stack, `/api/v2/traces/${traceId.toUpperCase()}?start=1&end=2`);
  assert.deepEqual(JSON.parse(second.body.toString()), { trace: { resourceSpans }, metrics: {} });
  assert.match(second.body.toString(), /"kind":"SPAN_KIND_SERVER"/);
  assert.match(second.body.toString(), /"intValue":"0"/);
  const unknown = "1".repeat(32);
  const unknownFirst = await get(stack, `/api/traces/${unknown}`);
  assert.deepEqual([unknownFirst.status, unknownFirst.body.length], [404, 0]);
  const unknownSecond = await get(stack, `/api/v2/traces/${unknown}`);
  assert.deepEqual(
    [unknownSecond.status, unknownSecond.body.toString()],
    [200, '{"trace":{},"metrics":{}}'],
  );
});

test("short ids are padded, and what is no id is refused", async (context) => {
  const stack = await startStack(context);
  await exportSpans(stack, [sampleSpan({ traceId: "abc".padStart(32, "0") })]);
  assert.match((await get(stack, "/api/v2/traces/ABC")).body.toString(), /llm\.decode/);
  for (const id of ["xyz", "0".repeat(33), "%zz", "a%27b"]) {
    const { status, body } = await get(stack, `/api/traces/${id}`);
    assert.equal(status, 400);
    assert.match(body.toString(), /1 to 32 hexadecimal digits/);
  }
});

test("large answers are packed for who accepts it", async (context) => {
  const stack = await startStack(context);
  const name = "long ".repeat(500);
  await exportSpans(stack, [sampleSpan({ name })]);
  const packed = await get(stack, `/api/traces/${traceId}`, { "accept-encoding": "gzip, br" });
  assert.equal(packed.headers["content-encoding"], "gzip");
  assert.ok(gunzipSync(packed.body).includes(name));
  for (const accepted of ["identity", "gzip;q=0"]) {
    const plain = await get(stack, `/api/traces/${traceId}`, { "accept-encoding": accepted });
    assert.equal(plain.headers["content-encoding"], undefined);
    assert.ok(plain.body.includes(name));
  }
});

test("it says what it is, and what it does not have yet", async (context) => {
  const stack = await startStack(context);
  const text = async (path: string) => {
    const { status, body } = await get(stack, path);
    return `${status} ${body}`;
  };
  assert.equal(await text("/api/echo"), "200 echo");
  assert.equal(await text("/ready"), "200 ready\n");
  assert.match(
    await text("/api/status/buildinfo"),
    /miniserve embedded trace store.*"version":"\d/,
  );
  assert.match(await text("/nothing"), /^404 /);
});

test("the API answers by its own names only, and to reading only", async (context) => {
  const stack = await startStack(context);
  const status = async (headers: Record<string, string>, method = "GET") =>
    (await send({ port: stack.ports.tempo, path: "/api/echo", method, headers })).status;
  const { tempo } = stack.ports;
  assert.equal(await status({ host: "evil.example" }), 421);
  assert.equal(await status({ host: `127.0.0.1.evil.example:${tempo}` }), 421);
  assert.equal(await status({ host: `localhost:${tempo}` }), 200);
  assert.equal(await status({ host: `[::1]:${tempo}` }), 200);
  assert.equal(await status({ origin: "http://evil.example" }), 403);
  assert.equal(await status({ origin: "http://localhost:1" }), 403);
  assert.equal(
    await status({ host: `localhost:${tempo}`, origin: `http://localhost:${tempo}` }),
    200,
  );
  assert.equal(await status({}, "HEAD"), 200);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    assert.equal(await status({}, method), 405);
  }
});

test("a port that is taken is named with its setting, and nothing stays open", async () => {
  const dataDirectory = temporaryDirectory();
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const { port } = holder.address() as { port: number };
  const start = (ports: Partial<typeof freePorts>) =>
    startEmbeddedStack([miniserve], {
      dataDirectory,
      ports: { ...freePorts, ...ports },
      hosts: ["127.0.0.1"],
    });
  for (const [name, setting] of [
    ["tempo", "TEMPO_PORT"],
    ["otlpGrpc", "OTLP_GRPC_PORT"],
    ["otlpHttp", "OTLP_HTTP_PORT"],
  ] as const) {
    await assert.rejects(start({ [name]: port }), (error: Error & { code?: string }) => {
      assert.equal(error.code, "port_taken");
      return error.message.includes(`Port ${port} of 127.0.0.1 (${setting}) is taken`);
    });
  }
  holder.close();
  const stack = await start({ tempo: port });
  assert.equal(stack.ports.tempo, port);
  await stack.close();
});

test("a host that the machine lacks is said, and the others are served", async () => {
  const events: EmbeddedEvent[] = [];
  const stack = await startEmbeddedStack([miniserve], {
    dataDirectory: temporaryDirectory(),
    ports: freePorts,
    // An address of the documentation's, which no machine has.
    hosts: ["127.0.0.1", "192.0.2.1"],
    onEvent: (event) => events.push(event),
  });
  assert.deepEqual(events, [{ type: "host_missing", host: "192.0.2.1" }]);
  assert.equal((await get(stack, "/ready")).status, 200);
  await stack.close();
});
