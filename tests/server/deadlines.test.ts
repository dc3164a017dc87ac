import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { spans } from "#miniserve";
import { endlessModel } from "../support/model-files.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { postJson } from "../support/post-json.ts";
import {
  assertSound,
  createRequestRecord,
  getSpan,
  getValues,
  listTree,
  type RequestRecord,
  treeUpTo,
} from "../support/request-record.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { withServer } from "../support/with-server.ts";

const long = { prompt: "the story", max_tokens: 30_000 };

describe("a request that takes longer than it may", () => {
  let receiver: OtlpReceiver;
  let server: ServerProcess;

  withServer(
    {
      model: endlessModel(),
      settings: {
        MINISERVE_REQUEST_TIMEOUT_MS: "400",
        MINISERVE_SLOTS: "1",
        MINISERVE_SLOT_TOKENS: "32000",
      },
    },
    (running) => {
      ({ receiver, server } = running);
    },
  );

  function assertTimedOut(record: RequestRecord, statusCode: number): void {
    assertSound(record);
    const root = getValues(record, spans.handler);
    assert.deepEqual(
      [root.outcome, root.statusCode, root.errorType],
      ["timeout", statusCode, "request_timeout"],
    );
    assert.equal(getSpan(record, spans.handler).status.code, "error");
  }

  test("is answered with request_timeout, and its slot is free again", async () => {
    const { status, text, traceId } = await postJson(`${server.url}/v1/completions`, long);
    assert.equal(status, 504);
    assert.equal(JSON.parse(text).error.code, "request_timeout");
    const record = await createRequestRecord(server, receiver, traceId);
    assertTimedOut(record, 504);
    assert.deepEqual(listTree(record), treeUpTo(spans.decode));
    assert.equal(getValues(record, spans.decode).stopReason, "abort");
    const next = await postJson(`${server.url}/v1/completions`, { prompt: "the", max_tokens: 1 });
    assert.equal(next.status, 200);
  });

  test("as a stream ends with an event that says so", async () => {
    const body = { ...long, stream: true };
    const { status, text, traceId } = await postJson(`${server.url}/v1/completions`, body);
    assert.equal(status, 200);
    const events = text.trim().split("\n\n");
    assert.ok(events.length > 1);
    assert.equal(
      JSON.parse(events.at(-1)?.slice("data: ".length) ?? "").error.code,
      "request_timeout",
    );
    assertTimedOut(await createRequestRecord(server, receiver, traceId), 200);
  });

  test("counts the wait for a slot", async () => {
    const url = `${server.url}/v1/completions`;
    const answers = await Promise.all([postJson(url, long), postJson(url, long)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [504, 504],
    );
    for (const { traceId } of answers) {
      assertTimedOut(await createRequestRecord(server, receiver, traceId), 504);
    }
  });
});
