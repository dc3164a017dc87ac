import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { ClientLimits } from "../listen.ts";
import { encodeProtobuf } from "../testing/encode-protobuf.ts";
import { sampleSpan } from "../testing/sample-span.ts";
import { grpcExporter } from "../testing/send.ts";
import { startReceiver } from "./index.ts";
import { grpcMethod } from "./protocol.ts";

/** Clients of the port for gRPC that hold a connection and do nothing with it, beside honest ones. */

const body = encodeProtobuf([sampleSpan()]);
const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  // An empty frame of settings.
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
/** Headers that are to go on in another frame, which never comes. */
const halfHeaders = Buffer.from([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x83]);
/** The head of a frame of headers, and none of its 100 bytes. */
const halfFrame = Buffer.from([0, 0, 100, 1, 4, 0, 0, 0, 1]);

async function start(context: TestContext, limits: Partial<ClientLimits> = {}) {
  const received: string[] = [];
  const { grpcPort, close } = await startReceiver({
    hosts: ["127.0.0.1"],
    grpcPort: 0,
    httpPort: 0,
    limits,
    accept: async (spans) => {
      received.push(...spans.map(({ name }) => name));
    },
  });
  context.after(close);
  return { grpcPort, received };
}

function open(context: TestContext, port: number, ...bytes: readonly Buffer[]): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  context.after(() => socket.destroy());
  socket.write(Buffer.concat(bytes));
  return socket;
}

const kinds: Readonly<Record<string, readonly Buffer[]>> = {
  nothing: [],
  "half a preface": [preface.subarray(0, 10)],
  "a preface": [preface],
  "half a frame": [preface, halfFrame],
  "half of the headers": [preface, halfHeaders],
  "HTTP/1.1": [Buffer.from("POST /v1/traces HTTP/1.1\r\n")],
};

test("any number of connections that send nothing shuts no exporter out", async (context) => {
  const { grpcPort, received } = await start(context);
  const exporter = grpcExporter(grpcPort);
  context.after(() => exporter.close());
  await exporter.export(body);
  const sent = Object.values(kinds);
  const sockets = Array.from({ length: 900 }, (_, number) =>
    open(context, grpcPort, ...(sent[number % sent.length] ?? [])),
  );
  await Promise.all(
    sockets.map((socket) => (socket.connecting ? once(socket, "connect") : undefined)),
  );
  await exporter.export(body);
  const another = grpcExporter(grpcPort);
  context.after(() => another.close());
  await another.export(body);
  assert.equal(received.length, 3);
});

test("more exporters than there are places are all served, one after the other and again", async (context) => {
  const { grpcPort, received } = await start(context, { connections: 8 });
  const exporters = Array.from({ length: 20 }, () => grpcExporter(grpcPort));
  context.after(() => exporters.forEach((exporter) => void exporter.close()));
  for (let round = 0; round < 3; round += 1) {
    for (const exporter of exporters) {
      await exporter.export(body);
    }
  }
  assert.equal(received.length, 60);
});

test("a connection that never becomes a call is ended", async (context) => {
  const { grpcPort } = await start(context, { headersMs: 300 });
  await Promise.all(
    Object.values(kinds).map((bytes) => once(open(context, grpcPort, ...bytes), "close")),
  );
});

test("a call that sends nothing is ended, and so is one that sends a byte now and then", async (context) => {
  const { grpcPort } = await start(context, { readingMs: 300, requestMs: 1_000, headersMs: 300 });
  const calls = [
    { everyMs: 0, headers: { ":method": "POST", ":path": grpcMethod } },
    { everyMs: 50, headers: { ":method": "POST", ":path": grpcMethod } },
  ];
  await Promise.all(
    calls.map(async ({ everyMs, headers }) => {
      const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
      session.on("error", () => {});
      const stream = session.request({ ...headers, "content-type": "application/grpc" });
      stream.on("error", () => {});
      // A message of 1,000 bytes is announced.
      stream.write(Buffer.from([0, 0, 0, 3, 0xe8]));
      const trickle =
        everyMs === 0 ? undefined : setInterval(() => stream.write(Buffer.alloc(1)), everyMs);
      const closed = once(session, "close");
      await once(stream, "close");
      clearInterval(trickle);
      await closed;
    }),
  );
});

test("an exporter whose quiet connection was ended sends on as if nothing were", async (context) => {
  const { grpcPort, received } = await start(context, { keepAliveMs: 100 });
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${grpcPort}` });
  const failures: unknown[] = [];
  const watched = {
    export: (spans: never, done: (result: { code: number; error?: Error }) => void) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0) {
          failures.push(result.error);
        }
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: watched as never })],
  });
  context.after(() => provider.shutdown());
  const tracer = provider.getTracer("quiet");
  // Some just as the session ends, some long after.
  for (const [number, pauseMs] of [0, 95, 100, 105, 110, 400, 99, 101, 300, 0].entries()) {
    await delay(pauseMs);
    tracer.startSpan(`span ${number}`).end();
    await provider.forceFlush();
  }
  assert.deepEqual(failures, []);
  assert.deepEqual(
    received,
    Array.from({ length: 10 }, (_, number) => `span ${number}`),
  );
});
