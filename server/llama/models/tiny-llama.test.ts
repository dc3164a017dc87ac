import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { getLlama, type Llama, type LlamaModel, resolveChatWrapper } from "node-llama-cpp";
import { randomWeights } from "./gguf-writer.ts";
import { type TinyLlamaOptions, tinyLlama, tinyLlamaName } from "./tiny-llama.ts";

const computeSha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

test("the same options give the same bytes, everywhere and always", () => {
  assert.equal(
    computeSha256(tinyLlama()),
    "bf795d78e99328c4726802fcbe64bd7f4e5bda6c1451cc9c50502aab069fe5bf",
  );
  assert.deepEqual(tinyLlama(), tinyLlama({ seed: 1, contextLength: 2048, endOfTurnStrength: 1 }));
  const others: TinyLlamaOptions[] = [
    { seed: 2 },
    { contextLength: 512 },
    { endOfTurnStrength: 0 },
  ];
  const sums = new Set([{}, ...others].map((options) => computeSha256(tinyLlama(options))));
  assert.equal(sums.size, 4);
});

test("random weights have the deviation asked for and no drift", () => {
  const values = randomWeights(5).values(100_000, 2);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.05, `mean ${mean}`);
  assert.ok(Math.abs(Math.sqrt(variance) - 2) < 0.02, `variance ${variance}`);
});

let llama: Llama;
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "miniserve-tiny-"));
  llama = await getLlama({
    gpu: false,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    maxThreads: 1,
  });
});

after(async () => {
  await llama.dispose();
  await rm(directory, { recursive: true });
});

async function loadTiny(options: TinyLlamaOptions): Promise<LlamaModel> {
  const path = join(directory, `${JSON.stringify(options).replace(/\W+/g, "-")}.gguf`);
  await writeFile(path, tinyLlama(options));
  return await llama.loadModel({ modelPath: path });
}

/** The text that a model generates at temperature 0, and how many tokens that took. */
async function generate(model: LlamaModel, prompt: string, mostTokens: number) {
  const context = await model.createContext({ contextSize: 256, threads: 1 });
  try {
    const tokens = [];
    for await (const token of context.getSequence().evaluate(model.tokenize(prompt))) {
      tokens.push(token);
      if (tokens.length === mostTokens) {
        break;
      }
    }
    return { count: tokens.length, text: model.detokenize(tokens) };
  } finally {
    await context.dispose();
  }
}

test("llama.cpp loads it, and it generates words, the same ones each time", async () => {
  const model = await loadTiny({});
  assert.equal(model.fileInfo.metadata.general.name, tinyLlamaName);
  assert.equal(model.trainContextSize, 2048);
  assert.equal(resolveChatWrapper(model, { warningLogs: false }).wrapperName, "ChatML");
  const first = await generate(model, "Tell me about the river", 24);
  assert.equal(first.count, 24);
  assert.match(first.text, /^[a-z]+( [a-z]+){23}$/);
  assert.deepEqual(await generate(model, "Tell me about the river", 24), first);
  await model.dispose();
});

test("any text survives tokenising, and a known word is one token", async () => {
  const model = await loadTiny({});
  for (const original of ["the river", "Zürich 模型 \n\t 🦙 ~^", "token".repeat(20)]) {
    assert.equal(model.detokenize(model.tokenize(original)).trimStart(), original);
  }
  assert.equal(model.tokenize("the river").length, 2);
  assert.equal(model.tokenize("<|im_end|>", true).length, 1);
  await model.dispose();
});

test("the context length and the tendency to end are options", async () => {
  const endless = await loadTiny({ contextLength: 512, endOfTurnStrength: 0 });
  assert.equal(endless.trainContextSize, 512);
  assert.equal((await generate(endless, "Tell me about the river", 200)).count, 200);
  await endless.dispose();

  const brief = await loadTiny({ seed: 2, endOfTurnStrength: 1 });
  const { count } = await generate(brief, "Tell me about the river", 200);
  assert.ok(count > 0 && count < 200, `ended after ${count} tokens`);
  await brief.dispose();
});
