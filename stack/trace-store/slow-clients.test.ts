import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../tests/support/temporary-directory.ts";
import { startViewer } from "../viewer/index.ts";
import { startTempoApi } from "./api/index.ts";
import { defaultLimits } from "./api/limits.ts";
import { send as answerWith, listenForHttp } from "./http-listener.ts";
import { type ClientLimits, clientLimits } from "./listen.ts";
import { startReceiver } from "./receiver/index.ts";
import { openStore } from "./store/index.ts";
import { send } from "./testing/send.ts";
import { createTraceqlEngine } from "./traceql/index.ts";

const hosts = ["127.0.0.1"];
const checkout = join(import.meta.dirname, "..", "..");
/** Short enough to wait for; a limit that is not kept shows as a test that never ends. */
const short = { headersMs: 300, requestMs: 600, keepAliveMs: 300, readingMs: 500 };

type Start = (context: TestContext, limits: Partial<ClientLimits>) => Promise<number>;

/** Every listener of the project that speaks HTTP, and a path that it answers with 200. */
const listeners: Readonly<Record<string, { path: string; start: Start }>> = {
  "the store's API": {
    path: "/api/echo",
    start: async (context, clientLimitsGiven) => {
      const store = await openStore([miniserve], { directory: temporaryDirectory() });
      const api = await startTempoApi({
        hosts,
        port: 0,
        store,
        clientLimits: clientLimitsGiven,
        engine: createTraceqlEngine(store),
        limits: defaultLimits,
        version: "0",
        ingestCounts: () => undefined,
        onReadFailed: () => {},
      });
      context.after(async () => {
        await api.close(0);
        await store.close();
      });
      return api.port;
    },
  },
  "the OTLP receiver": {
    path: "/v1/traces",
    start: async (context, limits) => {
      const accept = async () => {};
      const receiver = await startReceiver({ hosts, grpcPort: 0, httpPort: 0, limits, accept });
      context.after(receiver.close);
      return receiver.httpPort;
    },
  },
  "the viewer": {
    path: "/api/health",
    start: async (context, limits) => {
      const viewer = await startViewer({
        configuration: resolve("miniserve.config.ts"),
        hosts,
        port: 0,
        limits,
        tempoUrl: "http://127.0.0.1:1",
        serverUrl: null,
        logFile: null,
        checkout,
        provisioningFolder: join(checkout, "provisioning", "generated", "grafana"),
        dashboardsFolder: join(checkout, "dashboards", "generated"),
      });
      context.after(viewer.close);
      return viewer.port;
    },
  },
};

function open(context: TestContext, port: number, text: string): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  context.after(() => socket.destroy());
  socket.write(text);
  return socket;
}

/** Whether an ordinary client is answered; by the receiver's path a GET is told to be a POST. */
async function isServed(port: number, path: string): Promise<boolean> {
  const { status } = await send({ port, path });
  return status === 200 || status === 405;
}

test("limits are those of the server", () => {
  assert.deepEqual(clientLimits, {
    connections: 256,
    headersMs: 10_000,
    requestMs: 30_000,
    keepAliveMs: 5_000,
    readingMs: 30_000,
  });
});

for (const [name, { path, start }] of Object.entries(listeners)) {
  test(`${name} cuts off who says nothing, half a head or half a body, or nothing more`, async (context) => {
    const port = await start(context, short);
    const head = `${path} HTTP/1.1\r\nhost: localhost\r\n`;
    const protobuf = "content-type: application/x-protobuf\r\n";
    const slow = [
      "",
      "GET ",
      `GET ${head}`,
      `POST ${head}${protobuf}content-length: 99\r\n\r\nabc`,
      `POST ${head}${protobuf}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      `GET ${head}\r\n`,
    ].map((text) => once(open(context, port, text), "close"));
    await Promise.all(slow);
    assert.ok(await isServed(port, path));
  });

  test(`${name} serves others beside any number of half-open connections`, async (context) => {
    const port = await start(context, {});
    const half = [
      "",
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\n`,
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\nabc`,
    ];
    const sockets = Array.from({ length: 900 }, (_, number) =>
      open(context, port, half[number % half.length] ?? ""),
    );
    await Promise.all(
      sockets.map((socket) => (socket.connecting ? once(socket, "connect") : undefined)),
    );
    for (let time = 0; time < 5; time += 1) {
      assert.ok(await isServed(port, path));
    }
  });
}

test("who does not read an answer is cut off, and who waits for one is not", async (context) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let cutOff = (_isWhole: boolean) => {};
  const isWhole = new Promise<boolean>((resolve) => {
    cutOff = resolve;
  });
  const listener = await listenForHttp({
    hosts,
    port: 0,
    limits: short,
    answer: async ({ url }, response) => {
      if (url === "/slow") {
        await released;
      } else {
        response.once("close", () => cutOff(response.writableFinished));
      }
      answerWith(response, 200, {}, Buffer.alloc(url === "/large" ? 50_000_000 : 1));
    },
  });
  context.after(() => listener.close(0));
  const waiting = send({ port: listener.port, path: "/slow" });
  const greedy = connect(listener.port, "127.0.0.1");
  greedy.on("error", () => {});
  greedy.write("GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n");
  context.after(() => greedy.destroy());
  assert.equal(await isWhole, false);
  release();
  assert.equal((await waiting).status, 200);
});

test("connections at work keep their places, and a new one without any left is ended", async (context) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const listener = await listenForHttp({
    hosts,
    port: 0,
    limits: { connections: 2 },
    answer: async (_request, response) => {
      await released;
      answerWith(response, 200, {}, Buffer.from("x"));
    },
  });
  context.after(() => listener.close(0));
  const idle = open(context, listener.port, "");
  const ended = once(idle, "close");
  const working = [1, 2].map(() => send({ port: listener.port, path: "/" }));
  await ended;
  await assert.rejects(send({ port: listener.port, path: "/" }));
  release();
  assert.deepEqual(
    (await Promise.all(working)).map(({ status }) => status),
    [200, 200],
  );
});
