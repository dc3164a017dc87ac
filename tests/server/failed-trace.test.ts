import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, describe, test } from "node:test";
import { spans } from "#miniserve";
import { EngineError } from "../../server/llama/engine/index.ts";
import { type Alterations, alteredEngine } from "../support/altered-engine.ts";
import type { InProcessServer } from "../support/in-process-server.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { type Answer, postJson } from "../support/post-json.ts";
import { parseAnswer, RawConnection, rawPost } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getSpan,
  getValues,
  listLogSequence,
  listTree,
  type RequestRecord,
  treeBefore,
  treeUpTo,
} from "../support/request-record.ts";
import { formatSpan } from "../support/span-text.ts";
import { withInProcessServer } from "../support/with-server.ts";

const body = { prompt: "what is the story", max_tokens: 20, temperature: 0 };

describe("the trace of a request whose stage throws", () => {
  const alterations: Alterations = {};
  let receiver: OtlpReceiver;
  let server: InProcessServer;

  const engine = (real: Parameters<typeof alteredEngine>[0]) => alteredEngine(real, alterations);
  withInProcessServer({ engine }, (running) => {
    ({ receiver, server } = running);
  });
  afterEach(() => {
    for (const name of ["tokenize", "acquireSlot", "prefill", "decode"] as const) {
      alterations[name] = undefined;
    }
  });

  async function ask(request: object): Promise<{ answer: Answer; record: RequestRecord }> {
    const answer = await postJson(`${server.url}/v1/completions`, request);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    return { answer, record };
  }

  function assertFailed(record: RequestRecord, statusCode: number, errorType: string): void {
    const root = getValues(record, spans.handler);
    assert.deepEqual(
      [root.outcome, root.statusCode, root.errorType],
      ["failed", statusCode, errorType],
    );
    assert.equal(getSpan(record, spans.handler).status.code, "error");
    assert.equal(record.lines.filter(({ event }) => event === "stage.failed").length, 1);
  }

  function assertError(answer: Answer, code: string): void {
    assert.equal(answer.status, 500);
    const { error } = JSON.parse(answer.text);
    assert.deepEqual([error.code, error.type, error.param], [code, "server_error", null]);
  }

  test("a defect in the first stage: internal_error, and nothing of its words", async () => {
    alterations.tokenize = (prepared) => {
      const text = prepared.kind === "plain" ? prepared.characters : "";
      const cause = new Error(`the cause of ${text}`);
      const error = new TypeError(`${text}\n    at ${text} (${text}.ts:1:1)`, { cause });
      throw Object.assign(error, { name: text, prompt: text, code: `${text} ${text}` });
    };
    const { answer, record } = await ask({ ...body, prompt: "zebra" });
    assertError(answer, "internal_error");
    assertFailed(record, 500, "internal_error");
    assert.deepEqual(listTree(record), treeUpTo(spans.tokenize));
    assert.deepEqual(listLogSequence(record), [
      "request.received @ http.handler",
      "stage.failed @ tokenize.input",
      "request.finished @ http.handler",
    ]);
    const spanTexts = receiver.spans.map(formatSpan).join("\n");
    assert.ok(spanTexts.includes("TypeError"));
    assert.ok(!`${answer.text}${server.text}${server.fileText}${spanTexts}`.includes("zebra"));
    const { events } = getSpan(record, spans.tokenize);
    assert.deepEqual(
      events.map(({ name }) => name),
      ["exception"],
    );
  });

  test("the model fails in prefill: generation_failed", async () => {
    alterations.prefill = async () => {
      throw new EngineError("generation_failed");
    };
    for (const stream of [false, true]) {
      const { answer, record } = await ask({ ...body, stream });
      // Nothing was streamed yet, so the status can still say it.
      assertError(answer, "generation_failed");
      assertFailed(record, 500, "generation_failed");
      assert.deepEqual(listTree(record), treeUpTo(spans.prefill));
    }
  });

  function failAfterThreeTokens(): void {
    alterations.decode = async function* (steps) {
      let count = 0;
      for await (const step of steps) {
        yield step;
        count += 1;
        if (count === 3) {
          throw new EngineError("generation_failed");
        }
      }
    };
  }

  test("the model fails in decode: what was generated is counted", async () => {
    failAfterThreeTokens();
    const { answer, record } = await ask(body);
    assertError(answer, "generation_failed");
    assertFailed(record, 500, "generation_failed");
    assert.deepEqual(listTree(record), treeUpTo(spans.decode));
    const { tokensOut, decodeSteps, stopReason } = getValues(record, spans.decode);
    assert.deepEqual([tokensOut, decodeSteps, stopReason], [3, 3, "error"]);
  });

  test("after a streamed 200 the stream ends with an error, and the trace says failed", async () => {
    failAfterThreeTokens();
    const { answer, record } = await ask({ ...body, stream: true });
    assert.equal(answer.status, 200);
    const events = answer.text.split("\n\n").filter((event) => event !== "");
    const last = JSON.parse(events.at(-1)?.slice("data: ".length) ?? "");
    assert.equal(last.error.code, "generation_failed");
    assert.ok(!answer.text.includes("[DONE]"));
    assertFailed(record, 200, "generation_failed");
    assert.deepEqual(listTree(record), treeUpTo(spans.decode));
  });

  test("what is thrown outside of any stage is recorded on the root", async () => {
    alterations.acquireSlot = async () => {
      throw new RangeError("zebra");
    };
    const { answer, record } = await ask(body);
    assertError(answer, "internal_error");
    assertFailed(record, 500, "internal_error");
    assert.deepEqual(listTree(record), treeBefore(spans.prefill));
    assert.equal(getSpan(record, spans.handler).events.length, 1);
  });

  test("anything can be thrown", async () => {
    for (const thrown of [undefined, null, "zebra", Object.create(null)]) {
      alterations.prefill = async () => {
        throw thrown;
      };
      const { answer, record } = await ask(body);
      assertError(answer, "internal_error");
      assertFailed(record, 500, "internal_error");
    }
  });

  /** Sends a request and leaves at a moment; the server has seen it before `then` is called. */
  async function leave(
    request: object,
    when: Promise<void>,
    then: () => void,
  ): Promise<RequestRecord> {
    const traceId = randomBytes(16).toString("hex");
    const headers = { traceparent: `00-${traceId}-${"c".repeat(16)}-01` };
    const connection = await RawConnection.open(server.port);
    connection.write(rawPost("/v1/completions", request, headers));
    await when;
    connection.destroy();
    // This process is client and server, so whoever asks next is seen later.
    const seen = await RawConnection.open(server.port);
    seen.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    await seen.closed();
    then();
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    return record;
  }

  test("a model that fails just when its client leaves harms nobody", async () => {
    for (const stream of [false, true]) {
      const isLeft = Promise.withResolvers<void>();
      const isDecoding = Promise.withResolvers<void>();
      alterations.decode = async function* (steps) {
        for await (const step of steps) {
          yield step;
          // The next step begins before the piece of this one is sent.
          setTimeout(isDecoding.resolve, 20);
          await isLeft.promise;
          throw new EngineError("generation_failed");
        }
      };
      const record = await leave({ ...body, stream }, isDecoding.promise, isLeft.resolve);
      assertFailed(record, stream ? 200 : 499, "generation_failed");
    }
  });

  test("a client that leaves when its answer is done has left all the same", async () => {
    for (const stream of [false, true]) {
      const isLeft = Promise.withResolvers<void>();
      const isDecoding = Promise.withResolvers<void>();
      alterations.decode = async function* (steps) {
        const { value: step } = await steps.next();
        await steps.return();
        if (step) {
          yield step;
          setTimeout(isDecoding.resolve, 20);
          await isLeft.promise;
          yield { ...step, isEndOfGeneration: true };
        }
      };
      const record = await leave({ ...body, stream }, isDecoding.promise, isLeft.resolve);
      const { outcome, statusCode } = getValues(record, spans.handler);
      assert.deepEqual([outcome, statusCode], ["aborted", stream ? 200 : 499]);
      assert.equal(getSpan(record, spans.handler).status.code, "unset");
    }
  });

  test("and the next request runs", async () => {
    const { answer, record } = await ask(body);
    assert.equal(answer.status, 200);
    assert.deepEqual(listTree(record), treeUpTo(spans.format));
    const ready = await RawConnection.open(server.port);
    ready.write("GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    await ready.closed();
    assert.equal(JSON.parse(parseAnswer(ready.received).body).slots_busy, 0);
  });
});
