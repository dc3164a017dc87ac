import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { miniserve } from "#miniserve";
import { type Embedder, loadEmbedder } from "../../server/llama/embedding/index.ts";
import { openNativeBackend } from "../../server/llama/engine/index.ts";
import { resolveEmbeddingModel } from "../../server/llama/models/index.ts";
import { type BuildResult, buildIndex, findDocuments } from "../../server/retrieval/index.ts";
import type { ServerProcess } from "./server-process.ts";
import { completeTree } from "./traces/complete-request.ts";

/** What a document says and nobody else may. */
export const secret = "zebrasecretzebra";
/** What the indexes of most tests are made of. */
export const documents = {
  "garden.md": `# The garden\n\nTulips want sun and water.\n\n## Winter\n\nCover the roses in winter. ${secret}\n`,
  "kitchen.md": "# The kitchen\n\nThe oven is broken. Bread is baked on the stove.\n",
  "notes.txt": "The bicycle stands in the cellar, beside the potatoes.\n",
};

/** The tree of a request with retrieval that completes. */
export const wholeTree = completeTree(miniserve, { with: ["retrieve"] });

/** The body of a chat with retrieval. */
export const chat = (content: string, retrieval: object, more: object = {}) => ({
  messages: [
    { role: "system", content: "be brief" },
    { role: "user", content },
  ],
  retrieval,
  max_tokens: 5,
  temperature: 0,
  ...more,
});

/** A folder of documents for the time of a test, and indexes made of them. */
export class IndexScene implements AsyncDisposable {
  readonly documentsDirectory: string;

  private constructor(documentsDirectory: string) {
    this.documentsDirectory = documentsDirectory;
  }

  static async open(documents: Readonly<Record<string, string>> = {}): Promise<IndexScene> {
    const scene = new IndexScene(await mkdtemp(join(tmpdir(), "miniserve-documents-")));
    for (const [name, content] of Object.entries(documents)) {
      await scene.write(name, content);
    }
    return scene;
  }

  async write(name: string, content: string): Promise<void> {
    const path = join(this.documentsDirectory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.documentsDirectory, name));
  }

  async build(
    indexesDirectory: string,
    name: string,
    embedder: Embedder,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<BuildResult> {
    const documents = await findDocuments(["."], this.documentsDirectory);
    return await buildIndex({ indexesDirectory, name, documents, embedder, signal });
  }

  /** Builds one for a server in a process of its own, with the embedding model that it generated. */
  async buildFor({ directory }: ServerProcess, name: string): Promise<BuildResult> {
    const models = { modelsDirectory: join(directory, "models"), offline: true, environment: {} };
    const backend = await openNativeBackend({ threads: "auto", gpu: false });
    const embedder = await loadEmbedder(backend, await resolveEmbeddingModel(models));
    try {
      return await this.build(join(directory, "indexes"), name, embedder);
    } finally {
      await embedder.close();
      await backend.llama.dispose();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.documentsDirectory, { recursive: true, force: true });
  }
}
