import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, describe, test } from "node:test";
import { spans } from "#miniserve";
import { type Embedder, EmbeddingFailed } from "../../server/llama/embedding/index.ts";
import type { Retriever } from "../../server/retrieval/index.ts";
import { ProjectIndex } from "../../server/retrieval/index.ts";
import { withMethods } from "../support/altered-engine.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { chat, documents, IndexScene, secret } from "../support/index-fixture.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { type Answer, postJson } from "../support/post-json.ts";
import { RawConnection, rawPost } from "../support/raw-http.ts";
import {
  assertSound,
  createRequestRecord,
  getSpan,
  getValues,
  listTree,
  type RequestRecord,
  treeUpTo,
} from "../support/request-record.ts";
import { formatSpan } from "../support/span-text.ts";
import { withInProcessServer } from "../support/with-server.ts";

describe("retrieval that fails or is interrupted", () => {
  let receiver: OtlpReceiver;
  let server: InProcessServer;
  let scene: IndexScene;
  /** What the embedding model does instead of what it does. */
  let embed:
    | ((real: Embedder, text: string, signal: AbortSignal) => Promise<Float32Array>)
    | undefined;

  let rankingFails = false;

  withInProcessServer(
    {
      retriever: (real) =>
        withMethods<Retriever>(real, {
          rerank: async (question, found, options) => {
            if (rankingFails) {
              throw new EmbeddingFailed({ cause: undefined });
            }
            return await real.rerank(question, found, options);
          },
        }),
      embedder: (real) => ({
        ...real,
        embed: (input, signal) => embed?.(real, String(input), signal) ?? real.embed(input, signal),
        close: () => real.close(),
      }),
    },
    async (running) => {
      ({ receiver, server } = running);
      scene = await IndexScene.open(documents);
      await scene.build(server.indexesDirectory, "house", server.embedder);
    },
  );
  afterEach(() => {
    embed = undefined;
  });
  after(async () => {
    await scene[Symbol.asyncDispose]();
  });

  async function ask(body: object): Promise<{ answer: Answer; record: RequestRecord }> {
    const answer = await postJson(`${server.url}/v1/chat/completions`, body);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    return { answer, record };
  }

  test("an embedding model that fails: ERROR from its stage up, and nothing of the text", async () => {
    embed = async (_real, text) => {
      throw new EmbeddingFailed({ cause: new Error(text) });
    };
    for (const stream of [false, true]) {
      const { answer, record } = await ask(
        chat(`${secret} tulips`, { index: "house" }, { stream }),
      );
      assert.equal(answer.status, 500);
      assert.equal(JSON.parse(answer.text).error.code, "retrieval_failed");
      assert.deepEqual(listTree(record), treeUpTo(spans.embedQuery));
      for (const failed of [spans.handler, spans.retrieve, spans.embedQuery]) {
        assert.equal(getSpan(record, failed).status.code, "error", failed.name);
      }
      assert.equal(record.lines.filter(({ event }) => event === "stage.failed").length, 1);
      assert.equal(getValues(record, spans.handler).errorType, "retrieval_failed");
    }
  });

  test("ranking that fails, and an index that cannot be read, fail in their stages", async () => {
    embed = undefined;
    rankingFails = true;
    const ranking = await ask(chat("tulips", { index: "house" }));
    assert.deepEqual(listTree(ranking.record), treeUpTo(spans.rerank));
    rankingFails = false;
    await using broken = await IndexScene.open({ "a.md": "# A\n\nThe river.\n" });
    await broken.build(server.indexesDirectory, "broken", server.embedder);
    const manifest = await readFile(join(server.indexesDirectory, "broken/manifest.json"), "utf8");
    const { contents } = JSON.parse(manifest);
    await writeFile(join(server.indexesDirectory, "broken", contents, "vectors.f32"), "x");
    const unreadable = await ask(chat("tulips", { index: "broken" }));
    assert.equal(unreadable.answer.status, 500);
    assert.deepEqual(listTree(unreadable.record), treeUpTo(spans.vectorSearch));
    const { outcome, errorType } = getValues(unreadable.record, spans.handler);
    assert.deepEqual([outcome, errorType], ["failed", "retrieval_failed"]);
  });

  test("a client that leaves while passages are looked for", async () => {
    const isEmbedding = Promise.withResolvers<void>();
    embed = (_real, _text, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        isEmbedding.resolve();
      });
    const traceId = randomBytes(16).toString("hex");
    const headers = { traceparent: `00-${traceId}-${"c".repeat(16)}-01` };
    const connection = await RawConnection.open(server.port);
    const body = chat("tulips", { index: "house" });
    connection.write(rawPost("/v1/chat/completions", body, headers));
    await isEmbedding.promise;
    connection.destroy();
    const record = await createRequestRecord(server, receiver, traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), treeUpTo(spans.embedQuery));
    const { outcome, statusCode } = getValues(record, spans.handler);
    assert.deepEqual([outcome, statusCode], ["aborted", 499]);
    assert.ok(record.spans.every(({ status }) => status.code === "unset"));
  });

  test("and nothing of question or documents is left behind", () => {
    for (const text of [server.text, server.fileText, receiver.spans.map(formatSpan).join("\n")]) {
      assert.ok(text.includes("retrieval_failed"));
      assert.ok(!text.includes(secret));
    }
  });
});

describe("the index of the project's documentation", () => {
  test("while it is built for the first time, is not waited for without end", async (t) => {
    const receiver = await OtlpReceiver.start();
    t.after(() => receiver.stop());
    const server = await InProcessServer.start({
      receiver,
      // Never started, so never built.
      project: (parts) => new ProjectIndex({ ...parts, waitMs: 50, onEnd: () => undefined }),
    });
    t.after(() => server.stop());
    const body = chat("how do I start it", { index: "docs" });
    const answer = await postJson(`${server.url}/v1/chat/completions`, body);
    assert.equal(answer.status, 503);
    assert.equal(JSON.parse(answer.text).error.code, "index_building");
    assert.notEqual(answer.headers.get("retry-after"), null);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    assert.equal(getValues(record, spans.handler).outcome, "rejected");
  });
});
