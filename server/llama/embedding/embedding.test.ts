import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type NativeBackend, openNativeBackend } from "../engine/index.ts";
import { lexicalEmbedding } from "../models/lexical-embedding.ts";
import { type Embedder, loadEmbedder } from "./embedder.ts";
import { loadRanker } from "./ranker.ts";
import { tinyRanker } from "./testing/tiny-bert.ts";

const { signal } = new AbortController();
let directory: string;
let backend: NativeBackend;
let embedder: Embedder;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "miniserve-embedding-"));
  backend = await openNativeBackend({ gpu: false, threads: 1 });
  const path = join(directory, "lexical.gguf");
  await writeFile(path, lexicalEmbedding());
  embedder = await loadEmbedder(backend, { path, name: "lexical", sha256: "0" });
});

after(async () => {
  await embedder.close();
  await backend.llama.dispose();
  await rm(directory, { recursive: true });
});

function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}

test("vectors have the length 1, the same for the same text, and zeros where nothing is said", async () => {
  const vector = await embedder.embed("The queue is full.", signal);
  assert.equal(vector.length, embedder.dimension);
  assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5);
  assert.deepEqual(await embedder.embed("The queue is full.", signal), vector);
  for (const nothing of ["", " \n ", "the of and", "?!"]) {
    assert.ok(
      (await embedder.embed(nothing, signal)).every((value) => value === 0),
      nothing,
    );
  }
});

test("texts that share words are near each other, rare words more than frequent ones", async () => {
  const question = await embedder.embed("Why are retries refused when the queue is full?", signal);
  const near = cosine(question, await embedder.embed("retry after a full queue", signal));
  const far = cosine(question, await embedder.embed("cats and dogs asleep in the garden", signal));
  assert.ok(near > 0.45, String(near));
  assert.ok(Math.abs(far) < 0.15, String(far));
  // Words that are in no list are known by what they are made of.
  const made = await embedder.embed("the florbazzle of wuthex", signal);
  assert.ok(cosine(made, await embedder.embed("florbazzle wuthex", signal)) > 0.99);
});

test("a text longer than the window is cut", async () => {
  const vector = await embedder.embed("queue ".repeat(5000), signal);
  assert.ok(cosine(vector, await embedder.embed("queue", signal)) > 0.99);
});

test("requests take their turn, and one that no longer waits is passed over", async () => {
  const abort = new AbortController();
  const first = embedder.embed("queue ".repeat(400), signal);
  const left = embedder.embed("left", abort.signal);
  const last = embedder.embed("queue", signal);
  abort.abort(new Error("left"));
  await assert.rejects(left, { message: "left" });
  assert.ok(cosine(await first, await last) > 0.99);
  await assert.rejects(embedder.embed("late", abort.signal), { message: "left" });
});

test("a file that is no such model is refused", async () => {
  const path = join(directory, "broken.gguf");
  await writeFile(path, lexicalEmbedding().subarray(0, 2_000_000));
  await assert.rejects(loadEmbedder(backend, { path, name: "broken", sha256: "0" }), {
    code: "embedding_model_unusable",
  });
  const lexical = { path: join(directory, "lexical.gguf"), name: "lexical" };
  for (const file of [{ path, name: "broken" }, lexical]) {
    await assert.rejects(loadRanker(backend, file), { code: "ranking_model_unusable" });
  }
});

test("a ranking model gives a score from 0 to 1 for each text, however long", async () => {
  const path = join(directory, "ranker.gguf");
  await writeFile(path, tinyRanker());
  const ranker = await loadRanker(backend, { path, name: "ranker" });
  const texts = ["the river", "the queue is full", "word ".repeat(2000), ""];
  const scores = await ranker.rank(`what ${"is ".repeat(900)}`, texts, signal);
  assert.equal(scores.length, 4);
  assert.ok(scores.every((score) => score >= 0 && score <= 1));
  assert.ok(new Set(scores).size > 1, scores.join(" "));
  const abort = new AbortController();
  abort.abort(new Error("left"));
  await assert.rejects(ranker.rank("x", texts, abort.signal), { message: "left" });
  await ranker.close();
});
