import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { logEvents, spans } from "#miniserve";
import { errorTable } from "../../server/http/errors.ts";
import { endlessModel } from "../support/model-files.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { parseAnswer, RawConnection, rawPost, rawRequest } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getSpan,
  getValues,
  listLogSequence,
  listTree,
  treeBefore,
  treeUpTo,
} from "../support/request-record.ts";
import { ServerProcess } from "../support/server-process.ts";

const model = endlessModel();
const plain = "/v1/completions";
const code = "shutting_down";
const keepAlive = { host: "localhost" };

interface Sent {
  readonly connection: RawConnection;
  readonly traceId: string;
}

async function send(server: ServerProcess, body: object): Promise<Sent> {
  const traceId = randomBytes(16).toString("hex");
  const connection = await RawConnection.open(server.port);
  const traceparent = `00-${traceId}-${"c".repeat(16)}-01`;
  connection.write(rawPost(plain, body, { traceparent }));
  return { connection, traceId };
}

const reached = (server: ServerProcess, event: { readonly name: string }, { traceId }: Sent) =>
  server.waitForLine(
    `${event.name} of ${traceId}`,
    (line) => line.event === event.name && line.trace_id === traceId,
  );

const isStopping = ({ event }: { readonly event: string }): boolean =>
  event === logEvents.serverStopping.name;

describe("a server that is told to stop", () => {
  let receiver: OtlpReceiver;

  before(async () => {
    receiver = await OtlpReceiver.start();
  });
  after(() => receiver.stop());

  test("lets what runs finish, and refuses what comes: shutting_down", async () => {
    const settings = {
      MINISERVE_SHUTDOWN_LIMIT_MS: "60000",
      MINISERVE_SLOT_TOKENS: "4000",
      // Nothing is sent before the end.
      OTEL_BSP_SCHEDULE_DELAY: "60000",
    };
    await using server = await ServerProcess.start({ receiver, model, settings });
    const idle = await RawConnection.open(server.port);
    idle.write(rawRequest("GET", "/healthz", keepAlive));
    await idle.waitFor("the first answer", (received) => received.includes("alive"));
    const half = await RawConnection.open(server.port);
    half.write("POST /v1/completions HTTP/1.1\r\nhost: loc");
    const long = { prompt: "the story", max_tokens: 1_500 };
    const running = [await send(server, long), await send(server, { ...long, stream: true })];
    const queued = await send(server, { ...long, max_tokens: 1 });
    await Promise.all(running.map((sent) => reached(server, logEvents.inputPrefilled, sent)));
    await reached(server, logEvents.inputTokenized, queued);

    server.signal("SIGTERM");
    const stopping = await server.waitForLine("the server to stop", isStopping);
    assert.equal(stopping.signal, "SIGTERM");
    assert.equal(stopping["requests.running"], 3);
    idle.received = "";
    idle.write(rawPost(plain, long, { connection: "keep-alive" }));
    await idle.closed();
    const refused = parseAnswer(idle.received);
    assert.equal(refused.status, errorTable.shutting_down.status);
    assert.equal(JSON.parse(refused.body).error.code, code);
    assert.equal(refused.headers.connection, "close");
    const states = await Promise.all(["/healthz", "/readyz"].map((path) => ask(server, path)));
    assert.deepEqual(
      states.map(({ status, body }) => [status, JSON.parse(body)]),
      [
        [200, { status: "alive" }],
        [503, { status: "stopping" }],
      ],
    );

    assert.deepEqual(await server.exit(), { code: 0, signal: null });
    assert.ok(half.isClosed);
    for (const { traceId, connection } of [...running, queued]) {
      assert.equal(parseAnswer(connection.received).status, 200);
      const record = await createRequestRecord(server, receiver, traceId);
      assertSound(record);
      assert.deepEqual(listTree(record), treeUpTo(spans.format));
    }
    assert.ok(running[1]?.connection.received.includes("data: [DONE]"));
    const record = await createRequestRecord(server, receiver, refused.headers["x-trace-id"] ?? "");
    assertSound(record);
    assert.equal(getValues(record, spans.handler).outcome, "rejected");
    assert.equal(server.lines.at(-1)?.event, logEvents.serverStopped.name);
    assert.deepEqual(server.fileLines, server.lines);
  });

  test("interrupts what runs longer than it may, and tells each client", async () => {
    const settings = {
      MINISERVE_SHUTDOWN_LIMIT_MS: "100",
      MINISERVE_SLOTS: "2",
      MINISERVE_SLOT_TOKENS: "16000",
    };
    await using server = await ServerProcess.start({ receiver, model, settings });
    const long = { prompt: "the story", max_tokens: 15_000 };
    const whole = await send(server, long);
    const streamed = await send(server, { ...long, stream: true });
    await reached(server, logEvents.inputPrefilled, whole);
    await reached(server, logEvents.inputPrefilled, streamed);
    await streamed.connection.waitFor("an event", (received) => received.includes("data: "));
    const queued = await send(server, long);
    await reached(server, logEvents.inputTokenized, queued);
    const half = { connection: await RawConnection.open(server.port), traceId: "a".repeat(32) };
    const traceparent = `00-${half.traceId}-${"c".repeat(16)}-01`;
    half.connection.write(rawPost(plain, '{"prompt"', { traceparent, "content-length": "99" }));
    await reached(server, logEvents.requestReceived, half);

    const exit = await server.stop();
    assert.deepEqual(exit, { code: 0, signal: null });
    const expected = [
      { sent: whole, status: 503, tree: treeUpTo(spans.decode) },
      { sent: streamed, status: 200, tree: treeUpTo(spans.decode) },
      { sent: queued, status: 503, tree: treeBefore(spans.prefill) },
      { sent: half, status: 503, tree: treeUpTo(spans.handler) },
    ];
    for (const { sent, status, tree } of expected) {
      const record = await createRequestRecord(server, receiver, sent.traceId);
      assertSound(record);
      assert.deepEqual(listTree(record), tree);
      const { outcome, statusCode, errorType } = getValues(record, spans.handler);
      assert.deepEqual([outcome, statusCode, errorType], ["shutdown", status, code]);
      assert.equal(getSpan(record, spans.handler).status.code, "error");
      assert.ok(listLogSequence(record).every((line) => !line.startsWith("stage.failed")));
      const answer = parseAnswer(sent.connection.received);
      assert.equal(answer.status, status);
      const event = answer.body.split("\n\n").findLast((line) => line.includes("error")) ?? "";
      assert.ok(event.includes(`"${code}"`), answer.body.slice(-200));
      assert.ok(!answer.body.includes("[DONE]"));
    }
    assert.equal(server.lines.at(-1)?.event, logEvents.serverStopped.name);
    assert.deepEqual(server.fileLines, server.lines);
  });

  test("while it still starts: ends at once, and well", async () => {
    for (const [signal, event] of [
      ["SIGTERM", logEvents.serverStarting],
      ["SIGINT", logEvents.modelPreparing],
    ] as const) {
      await using server = await ServerProcess.launch();
      await server.waitForLine("the first lines", (line) => line.event === event.name);
      server.signal(signal);
      assert.deepEqual(await server.exit(), { code: 0, signal: null });
      assert.ok(server.lines.every(({ level }) => level !== "error" && level !== "fatal"));
      assert.equal(server.stderr, "");
    }
  });

  test("with a collector that does not answer: says how many spans were lost, and ends", async () => {
    const hanging = await OtlpReceiver.start();
    try {
      hanging.behave("hang");
      await using server = await ServerProcess.start({ receiver: hanging });
      const sent = await send(server, { prompt: "x", max_tokens: 1 });
      await sent.connection.closed();
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
      const lost = server.lines.find(({ event }) => event === logEvents.spansLost.name);
      assert.equal(lost?.["spans.dropped"], 5);
    } finally {
      hanging.behave("unavailable");
      await hanging.stop();
    }
  });
});

async function ask(server: ServerProcess, target: string) {
  const connection = await RawConnection.open(server.port);
  connection.write(rawRequest("GET", target));
  await connection.closed();
  return parseAnswer(connection.received);
}
