import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Embedder } from "../llama/embedding/index.ts";
import { type BuildResult, buildIndex } from "./build-index.ts";
import { findDocuments } from "./document-files.ts";
import { IndexCatalogue } from "./index-catalogue.ts";

/** Counts what it is asked: which texts are embedded again is what these tests are about. */
class CountingEmbedder implements Embedder {
  readonly name = "counting";
  sha256 = "1".repeat(64);
  readonly dimension = 2;
  maxTextTokens = 1_000;
  readonly tokenizerName = "counting";
  readonly vocabularySize = 1;
  readonly texts: string[] = [];
  failAfter = Number.POSITIVE_INFINITY;

  tokenize(text: string): number[] {
    return new Array(text.length).fill(0);
  }

  async embed(text: string): Promise<Float32Array> {
    if (this.texts.length >= this.failAfter) {
      throw new Error("It failed.");
    }
    this.texts.push(text);
    return Float32Array.of(1, 0);
  }

  async close(): Promise<void> {}
}

async function createFixture(context: TestContext) {
  const root = await mkdtemp(join(tmpdir(), "miniserve-build-"));
  context.after(() => rm(root, { recursive: true }));
  const indexesDirectory = join(root, "indexes");
  const files = join(root, "files");
  await mkdir(files);
  const embedder = new CountingEmbedder();
  const catalogue = new IndexCatalogue(indexesDirectory);
  const write = (name: string, content: string) => writeFile(join(files, name), content);
  const build = async (): Promise<BuildResult> => {
    embedder.texts.length = 0;
    const documents = await findDocuments(["."], files);
    const { signal } = new AbortController();
    return await buildIndex({ indexesDirectory, name: "x", documents, embedder, signal });
  };
  const passages = async (): Promise<string[]> => {
    const index = await (await catalogue.find("x", embedder)).open();
    return index.passages.map(({ id, text }) => `${id}: ${text}`);
  };
  await write("a.md", "# A\n\nfirst");
  await write("b.txt", "second");
  return { root, indexesDirectory, files, embedder, catalogue, write, build, passages };
}

test("only what has changed is embedded again, and what is gone is dropped", async (context) => {
  const { files, embedder, write, build, passages } = await createFixture(context);
  assert.deepEqual(await build(), {
    documents: 2,
    passages: 2,
    documentsKept: 0,
    documentsRemoved: 0,
  });
  assert.deepEqual(embedder.texts, ["A\nfirst", "b.txt\nsecond"]);
  assert.equal((await build()).documentsKept, 2);
  assert.deepEqual(embedder.texts, []);
  await write("b.txt", "changed");
  await write("c.txt", "third");
  assert.equal((await build()).documentsKept, 1);
  assert.deepEqual(embedder.texts, ["b.txt\nchanged", "c.txt\nthird"]);
  await rm(join(files, "a.md"));
  assert.equal((await build()).documentsRemoved, 1);
  assert.deepEqual(await passages(), ["b.txt#1: changed", "c.txt#1: third"]);
});

test("another model embeds everything again, and says so", async (context) => {
  const { embedder, catalogue, build } = await createFixture(context);
  await build();
  embedder.sha256 = "2".repeat(64);
  await assert.rejects(catalogue.find("x", embedder), { code: "index_unusable" });
  const { rebuiltBecause } = await build();
  assert.match(rebuiltBecause ?? "", /another embedding model, counting/);
  assert.equal(embedder.texts.length, 2);
  await catalogue.find("x", embedder);
});

test("a build that fails leaves the index as it was, and nothing beside it", async (context) => {
  const { indexesDirectory, embedder, write, build, passages } = await createFixture(context);
  await build();
  await write("b.txt", "changed");
  embedder.failAfter = 0;
  await assert.rejects(build(), { message: "It failed." });
  assert.deepEqual(await passages(), ["a.md#1: first", "b.txt#1: second"]);
  const beside = await readdir(join(indexesDirectory, "x"));
  assert.equal(beside.length, 2, beside.join(" "));
});

test("what a killed build left behind is removed by the next, an index that is broken made anew", async (context) => {
  const { indexesDirectory, embedder, build, passages } = await createFixture(context);
  await build();
  const leftover = join(indexesDirectory, "x", `contents.${2 ** 22 + 1}-00ff00ff`);
  await mkdir(leftover);
  await build();
  assert.equal((await readdir(join(indexesDirectory, "x"))).length, 2);
  await writeFile(join(indexesDirectory, "x", "manifest.json"), "{");
  await assert.rejects(passages(), { code: "index_unusable" });
  assert.match((await build()).rebuiltBecause ?? "", /could not be read/);
  assert.equal(embedder.texts.length, 2);
  assert.equal((await passages()).length, 2);
});

test("names of indexes lead nowhere else", async (context) => {
  const { catalogue, embedder, build } = await createFixture(context);
  await build();
  for (const name of ["../x", "x/.", ".", "..", "", "X", "x\0", "-x"]) {
    await assert.rejects(catalogue.find(name, embedder), { code: "unknown_index" }, name);
    assert.equal(await catalogue.remove(name), false);
  }
  assert.deepEqual(await catalogue.names(), ["x"]);
  assert.equal(await catalogue.remove("x"), true);
  assert.deepEqual(await catalogue.names(), []);
});

test("passages fit into what the model reads, whatever the language, and nothing is lost", async (context) => {
  const { embedder, write, build, passages } = await createFixture(context);
  embedder.maxTextTokens = 100;
  const texts = { "a.md": "東京の塔は高い😀".repeat(60), "b.txt": "word ".repeat(110).trim() };
  for (const [name, text] of Object.entries(texts)) {
    await write(name, text);
  }
  await build();
  assert.ok(embedder.texts.every((text) => text.length <= 100 && text.isWellFormed()));
  const found = (await passages()).map((line) => line.split(/: /));
  for (const [name, text] of Object.entries(texts)) {
    const own = found.filter(([id]) => id?.startsWith(name)).map(([, passage]) => passage);
    assert.equal(own.join(name === "a.md" ? "" : " "), text);
  }
});

test("what is embedded has no signs of Markdown", async (context) => {
  const { embedder, write, build } = await createFixture(context);
  await write("a.md", "# A `b`\n\n**Bold** [link](x.md#y)\n\n- one\n- `two`\n");
  await write("b.md", "# T\n\n| name | for |\n|---|---|\n| `x` | this \\| that |\n");
  await write("b.txt", "second");
  await build();
  assert.deepEqual(embedder.texts.slice(0, 2), [
    "A b\nBold link\none\ntwo",
    "T\nname, for\nx, this \\| that",
  ]);
});
