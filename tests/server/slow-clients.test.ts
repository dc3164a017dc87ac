import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { spans } from "#miniserve";
import { type Alterations, alteredEngine } from "../support/altered-engine.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { parseAnswer, RawConnection, rawPost, rawRequest } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listTree,
  treeUpTo,
} from "../support/request-record.ts";
import { withInProcessServer } from "../support/with-server.ts";

describe("a client that takes too long", () => {
  let receiver: OtlpReceiver;
  let server: InProcessServer;
  const alterations: Alterations = {};

  const settings = {
    MINISERVE_HEADERS_TIMEOUT_MS: "300",
    MINISERVE_RECEIVE_TIMEOUT_MS: "600",
    MINISERVE_KEEP_ALIVE_TIMEOUT_MS: "300",
  };
  const engine = (real: Parameters<typeof alteredEngine>[0]) => alteredEngine(real, alterations);
  withInProcessServer({ settings, engine }, (running) => {
    ({ receiver, server } = running);
  });

  test("over its headers is told so, and there is no trace", async () => {
    const connection = await RawConnection.open(server.port);
    connection.write("POST /v1/completions HTTP/1.1\r\nhost: localhost\r\n");
    await connection.closed();
    const { status, body } = parseAnswer(connection.received);
    assert.equal(status, 408);
    assert.equal(JSON.parse(body).error.code, "request_too_slow");
  });

  test("over its body is told so, and its trace says so too", async () => {
    const connection = await RawConnection.open(server.port);
    const head = { host: "localhost", "content-type": "application/json", "content-length": "99" };
    connection.write(`${rawRequest("POST", "/v1/completions", head)}{"prompt": "the`);
    await connection.closed();
    const { status, body, headers } = parseAnswer(connection.received);
    assert.equal(status, 408);
    assert.equal(JSON.parse(body).error.code, "request_too_slow");
    const record = await createRequestRecord(server, receiver, headers["x-trace-id"] ?? "");
    assertSound(record);
    assert.deepEqual(listTree(record), treeUpTo(spans.handler));
    const { outcome, statusCode, errorType } = getValues(record, spans.handler);
    assert.deepEqual([outcome, statusCode, errorType], ["rejected", 408, "request_too_slow"]);
  });

  test("with its next request finds the connection closed", async () => {
    const connection = await RawConnection.open(server.port);
    connection.write(rawRequest("GET", "/healthz", { host: "localhost" }));
    await connection.closed();
    assert.equal(parseAnswer(connection.received).status, 200);
  });

  test("over reading a stream holds the model up and not the server's memory", async () => {
    const generated = generateWithoutEnd(alterations);
    const traceId = "f".repeat(32);
    const connection = await readALittle(server.port, traceId);
    // What the two sockets hold is full when nothing has moved for a while.
    for (let before = -1; generated.steps !== before; await delay(500)) {
      before = generated.steps;
    }
    const eventBytes = 200;
    const { steps } = generated;
    assert.ok(steps * eventBytes < 64 * 1024 * 1024, `${steps} steps before it waited`);
    await delay(500);
    assert.equal(generated.steps, steps);
    assert.equal(server.requestsRunning, 1);
    connection.destroy();
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    const { outcome, statusCode } = getValues(record, spans.handler);
    assert.deepEqual([outcome, statusCode], ["aborted", 200]);
    assert.equal(getValues(record, spans.decode).stopReason, "abort");
    assert.equal(server.requestsRunning, 0);
  });
});

test("a connection without a request stays open as long as it may, whatever the limit of headers", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const server = await InProcessServer.start({
    receiver,
    settings: { MINISERVE_HEADERS_TIMEOUT_MS: "300", MINISERVE_RECEIVE_TIMEOUT_MS: "600" },
  });
  t.after(() => server.stop());
  const connection = await RawConnection.open(server.port);
  for (const answers of [1, 2]) {
    connection.write(rawRequest("GET", "/healthz", { host: "localhost" }));
    await connection.waitFor(
      "an answer",
      (received) => received.split('alive"}').length - 1 === answers,
    );
    await delay(2_500);
  }
  assert.match(connection.received, /keep-alive: timeout=75/i);
  connection.destroy();
});

describe("a client that stops reading", () => {
  test("in the middle of a stream is not waited for", async (t) => {
    const receiver = await OtlpReceiver.start();
    t.after(() => receiver.stop());
    const alterations: Alterations = {};
    const server = await InProcessServer.start({
      receiver,
      settings: { MINISERVE_READING_TIMEOUT_MS: "300" },
      engine: (real) => alteredEngine(real, alterations),
    });
    t.after(() => server.stop());
    generateWithoutEnd(alterations);
    const traceId = "e".repeat(32);
    const connection = await readALittle(server.port, traceId);
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    const { outcome, statusCode, errorType } = getValues(record, spans.handler);
    assert.deepEqual([outcome, statusCode, errorType], ["timeout", 200, "request_timeout"]);
    assert.equal(getValues(record, spans.decode).stopReason, "abort");
    assert.equal(server.requestsRunning, 0);
    connection.destroy();
  });
});

/** The real model's first step, again and again, as fast as it is taken. */
function generateWithoutEnd(alterations: Alterations): { readonly steps: number } {
  const count = { steps: 0 };
  alterations.decode = async function* (real) {
    const { value: first } = await real.next();
    await real.return();
    for (; first !== undefined && count.steps < 1_000_000; count.steps++) {
      yield first;
    }
  };
  return count;
}

async function readALittle(port: number, traceId: string): Promise<RawConnection> {
  const traceparent = `00-${traceId}-${"c".repeat(16)}-01`;
  const connection = await RawConnection.open(port);
  const body = { prompt: "the story", stream: true };
  connection.write(rawPost("/v1/completions", body, { traceparent }));
  await connection.waitFor("the first events", (received) => received.includes("data: "));
  connection.socket.pause();
  return connection;
}
