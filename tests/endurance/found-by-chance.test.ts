/** What the random tests of this folder found, each as a test that meets it every time. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { converse, RawConnection, rawPost, rawRequest } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listTree,
} from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";
import { answersOnWire } from "./answers-on-wire.ts";

const plain = "/v1/completions";

describe("a request", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;

  const settings = {
    MINISERVE_REQUEST_TIMEOUT_MS: "2000",
    MINISERVE_SHUTDOWN_LIMIT_MS: "100",
    MINISERVE_SLOT_TOKENS: "16000",
  };
  withServer({ model: endlessModel(), settings }, (running) => {
    ({ receiver, server } = running);
  });

  async function fetchOutcome(traceId: string): Promise<unknown[]> {
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    const { outcome, statusCode, errorType } = getValues(record, spans.handler);
    return [outcome, statusCode, errorType, listTree(record).length];
  }

  test("whose body does not come before its time is over is told so", async () => {
    const text = rawPost(plain, '{"prompt": "the', { "content-length": "200" });
    const [answer] = answersOnWire(await converse(server.port, text), true);
    assert.equal(answer?.status, 504);
    assert.equal(JSON.parse(answer.body).error.code, "request_timeout");
    const traceId = answer.headers["x-trace-id"] ?? "";
    assert.deepEqual(await fetchOutcome(traceId), ["timeout", 504, "request_timeout", 1]);
  });

  test("without a Host is refused in the shape of all errors, with a trace", async () => {
    const text = rawRequest("POST", plain, { "content-length": "2", connection: "close" });
    const [answer] = answersOnWire(await converse(server.port, `${text}{}`), true);
    assert.equal(answer?.status, 400);
    assert.equal(JSON.parse(answer.body).error.code, "request_malformed");
    const traceId = answer.headers["x-trace-id"] ?? "";
    assert.deepEqual(await fetchOutcome(traceId), ["rejected", 400, "request_malformed", 1]);
  });

  test("that expects what nobody knows is answered as if it did not", async () => {
    const text = rawPost(plain, { prompt: "x", max_tokens: 1 }, { expect: "a miracle" });
    const [answer] = answersOnWire(await converse(server.port, text), true);
    assert.equal(answer?.status, 200);
    const traceId = answer.headers["x-trace-id"] ?? "";
    assert.deepEqual(await fetchOutcome(traceId), ["completed", 200, undefined, 5]);
  });

  test("that was refused stays so when the server stops before its answer's turn comes", async () => {
    const connection = await RawConnection.open(server.port);
    const ids = [1, 2].map(() => randomBytes(16).toString("hex"));
    const [first, second] = ids.map((id) => ({ traceparent: `00-${id}-${"c".repeat(16)}-01` }));
    const long = { prompt: "x", max_tokens: 15_000, stream: true };
    connection.write(rawPost(plain, long, { ...first, connection: "keep-alive" }));
    connection.write(rawPost(plain, {}, { ...second }));
    await connection.waitFor("the first events", (received) => received.includes("data: "));
    await server.waitForLine("the second request", ({ trace_id }) => trace_id === ids[1]);
    await server.stop();
    const answers = answersOnWire(connection.received, true);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 400],
    );
    assert.deepEqual(await fetchOutcome(ids[0] ?? ""), ["shutdown", 200, "shutting_down", 4]);
    assert.deepEqual(await fetchOutcome(ids[1] ?? ""), ["rejected", 400, "missing_parameter", 1]);
  });
});
