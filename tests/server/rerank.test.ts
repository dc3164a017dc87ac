import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { logEvents, miniserve, spans } from "#miniserve";
import type { ErrorCode } from "../../server/http/errors.ts";
import { tinyRanker } from "../../server/llama/embedding/testing/tiny-bert.ts";
import { endlessModel } from "../support/model-files.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { type Answer, postJson } from "../support/post-json.ts";
import { rawPost } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listLogSequence,
  listTree,
} from "../support/request-record.ts";
import { ServerProcess } from "../support/server-process.ts";
import { completeTree } from "../support/traces/complete-request.ts";
import { withServer } from "../support/with-server.ts";
import { Refusals } from "./refusals.ts";

const route = "/v1/rerank";
const tree = completeTree(miniserve, { spans: { handler: { values: { route } } } });
const query = "What happens when the queue is full?";
const documents = [
  "Tulips want sun and water.",
  { text: "When the queue is full, requests are refused." },
  "A queue has a length.",
];

interface Result {
  readonly index: number;
  readonly relevance_score: number;
  readonly document?: { readonly text: string };
}

describe("POST /v1/rerank", () => {
  let server: ServerProcess;
  let receiver: OtlpReceiver;

  withServer({ model: endlessModel() }, (running) => {
    ({ server, receiver } = running);
  });

  const post = (body: object): Promise<Answer> => postJson(`${server.url}${route}`, body);
  const results = ({ text }: Answer): Result[] => JSON.parse(text).results;

  test("documents come in the order of their scores, as many and with as much as asked for", async () => {
    const answer = await post({ model: "any", query, documents });
    assert.equal(answer.status, 200, answer.text);
    const all = results(answer);
    assert.deepEqual(
      all.map(({ index }) => index),
      [1, 2, 0],
    );
    const scores = all.map((result) => result.relevance_score);
    assert.ok(scores.every((score, place) => score <= (scores[place - 1] ?? 1)));
    assert.ok(all.every((result) => !("document" in result)));
    const body = JSON.parse(answer.text);
    assert.equal(body.model, "lexical-embedding");
    assert.ok(body.usage.total_tokens > 10);
    const best = await post({ query, documents, top_n: 1, return_documents: true });
    assert.deepEqual(results(best), [{ ...all[0], document: documents[1] }]);
  });

  test("the trace has the stages and the counts", async () => {
    const { traceId } = await post({ query, documents });
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), tree);
    assert.deepEqual(listLogSequence(record), [
      `${logEvents.requestReceived.name} @ http.handler`,
      `${logEvents.inputTokenized.name} @ tokenize.input`,
      `${logEvents.inputRanked.name} @ rerank.input`,
      `${logEvents.requestFinished.name} @ http.handler`,
    ]);
    const { tokensIn } = getValues(record, spans.tokenize);
    const model = "lexical-embedding";
    assert.deepEqual(getValues(record, spans.rerankInput), { model, inputs: 3, tokensIn });
    assert.match(String(getValues(record, spans.handler).requestId), /^rerank-/);
  });

  test("what it cannot do is refused with the parameter's name and numbers", async () => {
    const refusals = new Refusals(server, receiver);
    const refuse = (body: object, code: ErrorCode, rest: object = {}) =>
      refusals.traced(rawPost(route, body), { code, ...rest });
    await refuse({ documents }, "missing_parameter", { parameter: "query", says: /query is/ });
    await refuse({ query }, "missing_parameter", { parameter: "documents", says: /documents is/ });
    for (const wrong of [[], "text", [7], [{ image: "x" }], Array(1025).fill("a")]) {
      await refuse({ query, documents: wrong }, "invalid_parameter", {
        parameter: "documents",
        says: /^documents takes a list of 1 to 1024 strings/,
      });
    }
    await refuse({ query, documents, top_n: 0 }, "invalid_parameter", {
      parameter: "top_n",
      says: /^top_n takes a whole number from 1/,
    });
    await refuse({ query, documents, rank_fields: ["x"] }, "unknown_parameter");
    await refuse({ query, documents: ["a", " "] }, "empty_input", { isTokenized: true });
    await refuse({ query, documents: ["a", "a ".repeat(600)] }, "input_too_long", {
      parameter: "documents",
      says: /^documents\[1\] has 600 tokens, and the model reads 509 at a time\./,
      isTokenized: true,
    });
  });
});

test("with a ranking model its scores decide, and a pair has to fit into its window", async () => {
  const directory = await mkdtemp(join(tmpdir(), "miniserve-rerank-"));
  const receiver = await OtlpReceiver.start();
  try {
    const path = join(directory, "tiny-ranker.gguf");
    await writeFile(path, tinyRanker());
    const settings = { MINISERVE_RERANK_MODEL: path };
    await using server = await ServerProcess.start({ receiver, settings, model: endlessModel() });
    const answer = await postJson(`${server.url}${route}`, { query, documents });
    assert.equal(answer.status, 200, answer.text);
    const { model, results } = JSON.parse(answer.text);
    assert.equal(model, "tiny-ranker");
    assert.ok(results.every(({ relevance_score: score }: Result) => score >= 0 && score <= 1));
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), tree);
    assert.equal(getValues(record, spans.handler).model, "tiny-ranker");
    const models = JSON.parse(await (await fetch(`${server.url}/v1/models`)).text());
    assert.equal(models.data.at(-1).id, "tiny-ranker");
    for (const [body, says] of [
      [{ query: "a ".repeat(25), documents }, /^query has 25 tokens, and the model reads 24 /],
      [{ query: "a a a a", documents: ["a ".repeat(93)] }, /^documents\[0\] has 93 .* reads 92 /],
    ] as const) {
      const refused = await postJson(`${server.url}${route}`, body);
      assert.equal(refused.status, 400);
      assert.match(JSON.parse(refused.text).error.message, says);
    }
  } finally {
    await receiver.stop();
    await rm(directory, { recursive: true });
  }
});
