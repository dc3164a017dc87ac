import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type OpenAI from "openai";
import { logEvents, metrics, miniserve, spans } from "#miniserve";
import type { ErrorCode } from "../../server/http/errors.ts";
import { EmbeddingFailed } from "../../server/llama/embedding/index.ts";
import type { InProcessServer } from "../support/in-process-server.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { type Answer, postJson } from "../support/post-json.ts";
import { RawConnection, rawPost } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listLogSequence,
  listTree,
  treeUpTo,
} from "../support/request-record.ts";
import { completeTree } from "../support/traces/complete-request.ts";
import { withInProcessServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const route = "/v1/embeddings";
const model = "lexical-embedding";
const tree = completeTree(miniserve, { spans: { handler: { values: { route } } } });

describe("POST /v1/embeddings", () => {
  let server: InProcessServer;
  let receiver: OtlpReceiver;
  let client: OpenAI;
  let embed: ((signal: AbortSignal) => Promise<Float32Array>) | undefined;

  withInProcessServer(
    {
      embedder: (real) => ({
        ...real,
        embed: (input, signal) => embed?.(signal) ?? real.embed(input, signal),
      }),
    },
    (running) => {
      ({ server, receiver, client } = running);
    },
  );

  const post = (body: object): Promise<Answer> => postJson(`${server.url}${route}`, body);

  test("OpenAI's client gets the same vectors of length 1 in both encodings", async () => {
    const input = ["The queue is full.", "a full queue", "cats and dogs"];
    // The client asks for base64 unless it is told otherwise, and decodes it.
    const [packed, plain] = await Promise.all([
      client.embeddings.create({ model: "any", input }),
      client.embeddings.create({ model: "any", input, encoding_format: "float", user: "me" }),
    ]);
    assert.deepEqual(packed.data, plain.data);
    assert.equal(packed.model, model);
    assert.deepEqual(
      packed.data.map(({ object, index }) => [object, index]),
      [0, 1, 2].map((index) => ["embedding", index]),
    );
    const [first = [], second = [], third = []] = packed.data.map(({ embedding }) => embedding);
    assert.equal(first.length, server.embedder.dimension);
    assert.ok(Math.abs(dot(first, first) - 1) < 1e-5);
    assert.ok(dot(first, second) > dot(first, third));
  });

  test("tokens are counted, and a text's own tokens give its vector", async () => {
    const text = "The queue is full.";
    const tokens = [...server.embedder.tokenize(text)];
    for (const input of [text, [text], tokens, [tokens]]) {
      const answer = await client.embeddings.create({ model, input, encoding_format: "float" });
      assert.deepEqual(answer.usage, {
        prompt_tokens: tokens.length,
        total_tokens: tokens.length,
      });
      const expected = await server.embedder.embed(text, new AbortController().signal);
      assert.deepEqual(answer.data[0]?.embedding, [...expected]);
    }
  });

  test("the trace has the stages, the model that was used, and the counts", async () => {
    const answer = await post({ input: ["one two", "three"], encoding_format: "base64" });
    assert.equal(answer.status, 200, answer.text);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), tree);
    assert.deepEqual(listLogSequence(record), [
      `${logEvents.requestReceived.name} @ http.handler`,
      `${logEvents.inputTokenized.name} @ tokenize.input`,
      `${logEvents.inputEmbedded.name} @ embed.input`,
      `${logEvents.requestFinished.name} @ http.handler`,
    ]);
    const { tokensIn } = getValues(record, spans.tokenize);
    assert.equal(tokensIn, 3);
    assert.deepEqual(getValues(record, spans.embedInput), { model, inputs: 2, tokensIn });
    const root = getValues(record, spans.handler);
    assert.deepEqual([root.route, root.model, root.outcome], [route, model, "completed"]);
    assert.match(String(root.requestId), /^embd-/);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(text, new RegExp(`gen_ai_server_request_duration.*${route}`));
    assert.equal(metrics.tokensRead.name, "miniserve.input.tokens");
    assert.match(text, new RegExp(`miniserve_input_tokens.*${model}`));
  });

  test("what it cannot do is refused with the parameter's name and numbers", async () => {
    const refusals = new Refusals(server, receiver);
    const refuse = (body: object, code: ErrorCode, rest: object = {}) =>
      refusals.traced(rawPost(route, body), { code, ...rest });
    const most = server.embedder.maxTextTokens;
    const invalid = "invalid_parameter" as const;
    await refuse({}, "missing_parameter", {
      parameter: "input",
      says: /input is missing/,
    });
    await refuse({ input: "a", dimensions: 8 }, "unsupported_parameter", {
      parameter: "dimensions",
      says: /does not support dimensions/,
    });
    await refuse({ input: "a", nonsense: 1 }, "unknown_parameter");
    for (const input of [7, [], [""].concat(Array(2048).fill("a")), ["a", 1], [[]], [-1], [0.5]]) {
      await refuse({ input }, invalid, {
        parameter: "input",
        says: /^input takes a string, a list/,
      });
    }
    await refuse({ input: [9_999_999] }, invalid, {
      parameter: "input",
      says: /tokens that the model does not know/,
    });
    await refuse({ input: "a", encoding_format: "int8" }, invalid, {
      parameter: "encoding_format",
      says: /^encoding_format takes "float" or "base64"/,
    });
    await refuse({ input: ["a", ""] }, "empty_input", { isTokenized: true });
    await refuse({ input: ["a", "a ".repeat(most + 1)] }, "input_too_long", {
      parameter: "input",
      says: new RegExp(`^input\\[1\\] has ${most + 1} tokens, and the model reads ${most} `),
      isTokenized: true,
    });
    const longest = await post({ input: "a ".repeat(most) });
    assert.equal(longest.status, 200, longest.text);
  });

  test("a model that fails, and a client that leaves, leave the trace of it", async () => {
    embed = async () => {
      throw new EmbeddingFailed({ cause: undefined });
    };
    const failed = await post({ input: "one" });
    assert.equal(failed.status, 500);
    assert.equal(JSON.parse(failed.text).error.code, "retrieval_failed");
    const record = await createRequestRecord(server, receiver, failed.traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), treeUpTo(spans.embedInput));
    const isEmbedding = Promise.withResolvers<void>();
    embed = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        isEmbedding.resolve();
      });
    const traceId = "7".repeat(32);
    const connection = await RawConnection.open(server.port);
    const headers = { traceparent: `00-${traceId}-${"c".repeat(16)}-01` };
    connection.write(rawPost(route, { input: "one" }, headers));
    await isEmbedding.promise;
    connection.destroy();
    const left = await createRequestRecord(server, receiver, traceId);
    assertSound(left);
    assert.deepEqual(listTree(left), treeUpTo(spans.embedInput));
    assert.equal(getValues(left, spans.handler).outcome, "aborted");
    embed = undefined;
  });
});

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}
