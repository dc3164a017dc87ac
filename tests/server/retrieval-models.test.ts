import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { logEvents, spans } from "#miniserve";
import { loadEmbedder, loadRanker } from "../../server/llama/embedding/index.ts";
import { tinyEmbedding, tinyRanker } from "../../server/llama/embedding/testing/tiny-bert.ts";
import { type NativeBackend, openNativeBackend } from "../../server/llama/engine/index.ts";
import { resolveEmbeddingModel } from "../../server/llama/models/index.ts";
import { IndexCatalogue } from "../../server/retrieval/index.ts";
import { chat, documents, IndexScene, secret, wholeTree } from "../support/index-fixture.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { type Answer, postJson } from "../support/post-json.ts";
import {
  assertNoComplaints,
  assertSound,
  createRequestRecord,
  getValues,
  listTree,
} from "../support/request-record.ts";
import { type LogLine, ServerProcess } from "../support/server-process.ts";

const repository = join(import.meta.dirname, "../..");
const { signal } = new AbortController();
const index = "house";
/** Shares words with one document only. */
const question = "bicycle cellar potatoes";
/** What answers it, by name of its file. */
const best = "notes.txt#1";

interface UsedDocument {
  readonly id: string;
  readonly score: number;
}

describe("the models of retrieval, by path", () => {
  let receiver: OtlpReceiver;
  let scene: IndexScene;
  let backend: NativeBackend;
  let directory: string;
  let embeddingPath: string;
  let rankerPath: string;
  let folders: Record<string, string>;

  before(async () => {
    receiver = await OtlpReceiver.start();
    scene = await IndexScene.open(documents);
    backend = await openNativeBackend({ threads: 1, gpu: false });
    directory = await mkdtemp(join(tmpdir(), "miniserve-retrieval-models-"));
    embeddingPath = join(directory, "tiny-embedding.gguf");
    rankerPath = join(directory, "tiny-ranker.gguf");
    await writeFile(embeddingPath, tinyEmbedding());
    await writeFile(rankerPath, tinyRanker());
    folders = {
      MINISERVE_MODELS_DIRECTORY: join(directory, "models"),
      MINISERVE_INDEXES_DIRECTORY: join(directory, "indexes"),
    };
  });
  after(async () => {
    await backend.llama.dispose();
    await scene[Symbol.asyncDispose]();
    await receiver.stop();
    await rm(directory, { recursive: true });
  });

  /** @returns what `npm run index` printed. */
  async function makeIndex(settings: Readonly<Record<string, string>>): Promise<string> {
    const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["scripts/index-documents.ts", index, scene.documentsDirectory],
      {
        cwd: repository,
        env: { PATH, HOME, NODE_COMPILE_CACHE, MINISERVE_OFFLINE: "1", ...folders, ...settings },
      },
    );
    return stdout;
  }

  /** Asks, and sees that the request left a whole and sound trace that says nothing it must not. */
  async function ask(server: ServerProcess, topK: number): Promise<UsedDocument[]> {
    const answer = await post(server, { index, top_k: topK, rerank_k: topK });
    assert.equal(answer.status, 200, answer.text);
    const record = await createRequestRecord(server, receiver, answer.traceId);
    assertSound(record);
    assert.deepEqual(listTree(record), wholeTree);
    const used = named(JSON.parse(answer.text).retrieval.documents);
    const counts = { docsRetrieved: topK, docsReranked: used.length };
    assert.deepEqual(getValues(record, spans.retrieve), { indexName: index, ...counts });
    assertNoComplaints(server.lines);
    assert.ok(!(server.stdout + server.stderr + answer.text).includes(secret));
    return used;
  }

  function post(server: ServerProcess, retrieval: object): Promise<Answer> {
    const body = chat(question, retrieval, { max_tokens: 2 });
    return postJson(`${server.url}/v1/chat/completions`, body);
  }

  test("an embedding model makes indexes and finds passages, and its name is told", async () => {
    const settings = { MINISERVE_EMBEDDING_MODEL: embeddingPath };
    assert.match(await makeIndex(settings), /^house: 3 documents, 4 passages; 0 documents/);
    await using server = await ServerProcess.start({
      receiver,
      settings: { ...folders, ...settings },
    });
    const isLoaded = ({ event }: LogLine): boolean => event === logEvents.embeddingLoaded.name;
    const { model, degraded } = logEvents.embeddingLoaded.fields;
    const loaded = server.lines.find(isLoaded);
    assert.equal(loaded?.[model?.key ?? ""], "tiny-embedding");
    assert.equal(loaded?.[degraded?.key ?? ""], false);
    const ready = JSON.parse(await (await fetch(`${server.url}/readyz`)).text());
    assert.equal(ready.embedding_model, "tiny-embedding");
    assert.equal(ready.embedding_is_lexical, false);
    assert.equal((await ask(server, 4))[0]?.id, best);
    // What has not changed is kept: the model is the very same.
    assert.match(await makeIndex(settings), /^house: 3 documents, 4 passages; 3 documents/);
  });

  test("an index that another model made is refused with a sentence, until it is made anew", async () => {
    await makeIndex({ MINISERVE_EMBEDDING_MODEL: embeddingPath });
    await using server = await ServerProcess.start({ receiver, settings: folders });
    const refused = await post(server, { index });
    assert.equal(refused.status, 503, refused.text);
    const { code, message } = JSON.parse(refused.text).error;
    assert.equal(code, "index_unusable");
    assert.match(message, /another embedding model \(tiny-embedding\).*\(lexical-embedding\)/);
    assert.match(message, /npm run index -- house/);
    const printed = await makeIndex({});
    assert.match(printed, /^Made anew\. It was made by another embedding model, tiny-embedding\./);
    assert.match(printed, /4 passages; 0 documents had not changed/);
    assert.equal((await ask(server, 4))[0]?.id, best);
  });

  test("a ranking model decides the order, and its scores are the answer's", async () => {
    await makeIndex({});
    const settings = { ...folders, MINISERVE_RERANK_MODEL: rankerPath };
    await using server = await ServerProcess.start({ receiver, settings });
    const used = await ask(server, 4);
    const expected = await rankedPassages();
    assert.deepEqual(
      used.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
    for (const [place, { score }] of used.entries()) {
      assert.ok(Math.abs(score - (expected[place]?.score ?? Number.NaN)) < 1e-3, String(score));
    }
    // Otherwise any order would do.
    assert.equal(new Set(used.map(({ score }) => score)).size, used.length);
    // Of a single passage that the search has found nothing is left to decide.
    assert.equal((await ask(server, 1))[0]?.id, best);
  });

  /** All passages of the index in the order in which the ranking model by itself brings them. */
  async function rankedPassages(): Promise<UsedDocument[]> {
    const { MINISERVE_MODELS_DIRECTORY: modelsDirectory = "" } = folders;
    const lexical = await resolveEmbeddingModel({
      modelsDirectory,
      offline: true,
      environment: {},
    });
    const embedder = await loadEmbedder(backend, lexical);
    const ranker = await loadRanker(backend, { path: rankerPath, name: "tiny-ranker" });
    try {
      const { MINISERVE_INDEXES_DIRECTORY: indexes = "" } = folders;
      const found = await new IndexCatalogue(indexes).find(index, embedder);
      const { passages } = await found.open();
      const texts = passages.map(({ title, text }) => `${title}\n${text}`);
      const scores = await ranker.rank(question, texts, signal);
      const scored = passages.map(({ id }, row) => ({ id, score: scores[row] ?? Number.NaN }));
      return named(scored.toSorted((left, right) => right.score - left.score));
    } finally {
      await ranker.close();
      await embedder.close();
    }
  }
});

/** Without the folder, which is another each time. */
function named(used: readonly UsedDocument[]): UsedDocument[] {
  return used.map(({ id, score }) => ({ id: basename(id), score }));
}
