import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import OpenAI from "openai";
import { spans } from "#miniserve";
import type { Embedder } from "../../server/llama/embedding/index.ts";
import type { InProcessServer } from "../support/in-process-server.ts";
import { chat, documents, IndexScene, secret, wholeTree } from "../support/index-fixture.ts";
import type { OtlpReceiver } from "../support/otlp-receiver.ts";
import { type Answer, postJson } from "../support/post-json.ts";
import {
  assertSound,
  createRequestRecord,
  getValues,
  listLogSequence,
  listTree,
  type RequestRecord,
  treeBefore,
  treeUpTo,
} from "../support/request-record.ts";
import { withInProcessServer } from "../support/with-server.ts";

describe("retrieval", () => {
  let receiver: OtlpReceiver;
  let server: InProcessServer;
  let scene: IndexScene;
  withInProcessServer({}, async (running) => {
    ({ receiver, server } = running);
    scene = await IndexScene.open(documents);
    await scene.build(server.indexesDirectory, "house", server.embedder);
  });
  after(async () => {
    await scene[Symbol.asyncDispose]();
  });

  async function ask(
    body: object,
    path = "/v1/chat/completions",
  ): Promise<{
    answer: Answer;
    record: RequestRecord;
  }> {
    const answer = await postJson(`${server.url}${path}`, body);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    return { answer, record };
  }

  test("a chat: nine spans, eight lines, and the passages by name", async () => {
    const { answer, record } = await ask(chat("where is the bicycle", { index: "house" }));
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(listTree(record), wholeTree);
    assert.deepEqual(listLogSequence(record), [
      "request.received @ http.handler",
      "input.tokenized @ tokenize.input",
      "passages.retrieved @ rag.retrieve",
      "slot.acquired @ http.handler",
      "input.prefilled @ llm.prefill",
      "output.decoded @ llm.decode",
      "output.formatted @ format.output",
      "request.finished @ http.handler",
    ]);
    const { retrieval, usage } = JSON.parse(answer.text);
    assert.equal(retrieval.index, "house");
    assert.equal(retrieval.documents.length, 3);
    const [best] = retrieval.documents;
    assert.deepEqual(Object.keys(best), ["id", "title", "score"]);
    assert.deepEqual([best.id, best.title], ["notes.txt#1", "notes.txt"]);
    assert.ok(best.score > 0 && best.score <= 1);
    assert.deepEqual(getValues(record, spans.retrieve), {
      indexName: "house",
      docsRetrieved: 4,
      docsReranked: 3,
    });
    const { tokensIn } = getValues(record, spans.prefill);
    assert.equal(usage.prompt_tokens, tokensIn);
    assert.ok(Number(tokensIn) > Number(getValues(record, spans.tokenize).tokensIn) + 20);
  });

  test("a completion, whole and streamed, has them too; top_k and rerank_k count", async () => {
    const retrieval = { index: "house", top_k: 2, rerank_k: 1 };
    const body = { prompt: "what do tulips want", max_tokens: 3, temperature: 0, retrieval };
    const { answer, record } = await ask(body, "/v1/completions");
    const { documents: used } = JSON.parse(answer.text).retrieval;
    assert.deepEqual(
      used.map(({ id, title }: { id: string; title: string }) => ({ id, title })),
      [{ id: "garden.md#1", title: "The garden" }],
    );
    const { docsRetrieved, docsReranked } = getValues(record, spans.retrieve);
    assert.deepEqual([docsRetrieved, docsReranked], [2, 1]);
    const streamed = await ask({ ...body, stream: true }, "/v1/completions");
    assert.deepEqual(listTree(streamed.record), wholeTree);
    const chunks = streamed.answer.text
      .split("\n\n")
      .filter((event) => event.startsWith("data: {"))
      .map((event) => JSON.parse(event.slice("data: ".length)));
    assert.deepEqual(chunks.at(-1).retrieval, JSON.parse(answer.text).retrieval);
    assert.ok(chunks.slice(0, -1).every((chunk) => !("retrieval" in chunk)));
  });

  test("OpenAI's client sends it as an extra field", async () => {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
    const body = chat("how is bread baked", { index: "house", rerank_k: 1 });
    const answer = await client.chat.completions.create({
      ...body,
      model: "any",
    } as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming);
    const { retrieval } = answer as unknown as { retrieval: { documents: { id: string }[] } };
    assert.deepEqual(
      retrieval.documents.map(({ id }) => id),
      ["kitchen.md#1"],
    );
  });

  test("without retrieval nothing of it is there", async () => {
    for (const retrieval of [undefined, null]) {
      const { answer, record } = await ask(
        { prompt: "x", max_tokens: 1, retrieval },
        "/v1/completions",
      );
      assert.ok(!("retrieval" in JSON.parse(answer.text)));
      assert.deepEqual(listTree(record), treeUpTo(spans.format));
    }
  });

  test("an index that is not there is refused with those that are, and not repeated", async () => {
    for (const index of ["nope", "../house", "House", "house/..", secret, "", ".."]) {
      const { answer, record } = await ask(chat("hello", { index }));
      assert.equal(answer.status, 400);
      const { error } = JSON.parse(answer.text);
      assert.deepEqual([error.code, error.param], ["unknown_index", "retrieval"]);
      assert.match(error.message, /^There is no such index\. Known are: house\. /);
      assert.equal(getValues(record, spans.handler).outcome, "rejected");
      assert.ok(record.spans.every(({ status }) => status.code !== "error"));
      assert.deepEqual(listTree(record), treeBefore(spans.retrieve));
    }
  });

  test("other forms are refused by name", async () => {
    const wrong = ["house", [], { index: 1 }, { top_k: 0 }, { rerank_k: 21 }, { [secret]: 1 }];
    for (const retrieval of wrong) {
      const { answer } = await ask({ ...chat("hello", {}), retrieval });
      assert.equal(JSON.parse(answer.text).error.code, "invalid_parameter", answer.text);
      assert.equal(JSON.parse(answer.text).error.param, "retrieval");
    }
    const messages = [{ role: "system", content: "no question" }];
    const { answer } = await ask({ ...chat("", { index: "house" }), messages });
    assert.equal(JSON.parse(answer.text).error.param, "retrieval");
  });

  test("an empty index and a question without a known word give no passages", async () => {
    await using blank = await IndexScene.open({ "blank.md": "\n\n" });
    await blank.build(server.indexesDirectory, "blank", server.embedder);
    for (const [index, question] of [
      ["blank", "where is the bicycle"],
      ["house", "?!"],
    ] as const) {
      const { answer, record } = await ask(chat(question, { index }));
      assert.equal(answer.status, 200);
      assert.deepEqual(JSON.parse(answer.text).retrieval, { index, documents: [] });
      assert.deepEqual(listTree(record), wholeTree);
      assert.equal(
        getValues(record, spans.prefill).tokensIn,
        getValues(record, spans.tokenize).tokensIn,
      );
    }
  });

  test("an index that changes, comes and goes while the server runs is noticed", async () => {
    await using changing = await IndexScene.open({ "a.md": "# First\n\nThe river is wide.\n" });
    const titles = async (): Promise<string[]> => {
      const { answer } = await ask(chat("how wide is the river", { index: "changing" }));
      return JSON.parse(answer.text).retrieval?.documents.map(
        (one: { title: string }) => one.title,
      );
    };
    await changing.build(server.indexesDirectory, "changing", server.embedder);
    assert.deepEqual(await titles(), ["First"]);
    await changing.write("a.md", "# Second\n\nThe river is wide.\n");
    await Promise.all([
      changing.build(server.indexesDirectory, "changing", server.embedder),
      ...Array.from({ length: 5 }, async () => assert.equal((await titles()).length, 1)),
    ]);
    assert.deepEqual(await titles(), ["Second"]);
    await rm(join(server.indexesDirectory, "changing"), { recursive: true });
    const { answer } = await ask(chat("how wide", { index: "changing" }));
    assert.equal(JSON.parse(answer.text).error.code, "unknown_index");
  });

  test("vectors of another model are refused with a sentence", async () => {
    const other = { ...withEmbed(server.embedder), sha256: "0".repeat(64), name: "other" };
    await scene.build(server.indexesDirectory, "foreign", other);
    const { answer, record } = await ask(chat("hello", { index: "foreign" }));
    assert.equal(answer.status, 503);
    assert.equal(JSON.parse(answer.text).error.code, "index_unusable");
    assert.match(
      JSON.parse(answer.text).error.message,
      /foreign was made by another .*other.*npm run index/,
    );
    assert.equal(getValues(record, spans.handler).outcome, "rejected");
  });

  function withEmbed(real: Embedder): Embedder {
    return {
      ...real,
      embed: (text, signal) => real.embed(text, signal),
      close: async () => undefined,
    };
  }

  test("the passages leave room for max_tokens, and are cut to what fits", async () => {
    await using long = await IndexScene.open({
      "long.txt": Array.from(
        { length: 40 },
        (_, row) => `river record number ${row} about water`,
      ).join("\n"),
    });
    await long.build(server.indexesDirectory, "long", server.embedder);
    const prompt = "the river story";
    for (const [maxTokens, passages] of [
      [1, 20],
      [1500, 20],
      [2030, 0],
      [9000, 20],
    ] as const) {
      const retrieval = { index: "long", top_k: 20, rerank_k: 20 };
      const body = { prompt, max_tokens: maxTokens, retrieval, stop: ["e"] };
      const { answer, record } = await ask(body, "/v1/completions");
      assert.equal(answer.status, 200, answer.text);
      const used = Number(getValues(record, spans.retrieve).docsReranked);
      const tokens = Number(getValues(record, spans.prefill).tokensIn);
      assert.ok(passages === 0 ? used === 0 : used > 0, `${used} for ${maxTokens}`);
      assert.ok(tokens + (maxTokens < 2040 ? maxTokens : 1) <= 2048, `${tokens} and ${maxTokens}`);
    }
  });
});
