import { join } from "node:path";
import type { Embedder } from "../llama/embedding/index.ts";
import { type BuildResult, buildIndex } from "./build-index.ts";
import { type DocumentFile, findDocuments } from "./document-files.ts";
import type { IndexCatalogue } from "./index-catalogue.ts";
import { RetrievalError } from "./retrieval-error.ts";

/** The name of the index that is searched when a request names none. */
export const projectIndexName = "docs";

const repository = join(import.meta.dirname, "../..");
const documentation = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "docs",
  "contract/README.md",
];
const defaultWaitMs = 10_000;
const retryAfterSeconds = 10;

/** Generated pages that explain what they list. The others have every word, and explain little. */
const generatedPages: readonly string[] = [
  "docs/generated/errors.md",
  "docs/generated/settings.md",
];

/** The documentation of this project. */
export async function projectDocuments(): Promise<DocumentFile[]> {
  const documents = await findDocuments(documentation, repository);
  return documents.filter(
    ({ id }) => !id.startsWith("docs/generated/") || generatedPages.includes(id),
  );
}

export interface ProjectIndexOptions {
  readonly catalogue: IndexCatalogue;
  readonly embedder: Embedder;
  /** How long a request waits for an index that is being built for the first time. */
  readonly waitMs?: number;
  /** Told once, at the end; nothing is told when the index is somebody else's. */
  readonly onEnd: (end: BuildResult | { readonly error: unknown }) => void;
}

/**
 * The index of the project's own documentation, made in the background when the server starts: of
 * documents that have not changed the vectors are kept. An index of that name which a person made is
 * left alone.
 */
export class ProjectIndex {
  readonly #stop = new AbortController();
  readonly #options: ProjectIndexOptions;
  readonly #built = Promise.withResolvers<void>();
  #isStarted = false;
  #isBuilding = true;
  #share = 0;

  constructor(options: ProjectIndexOptions) {
    this.#options = options;
  }

  /** Returns at once. */
  start(): void {
    this.#isStarted = true;
    void this.#build(this.#options).finally(() => {
      this.#isBuilding = false;
      this.#built.resolve();
    });
  }

  isBuilding(name: string): boolean {
    return this.#isBuilding && name === projectIndexName;
  }

  /**
   * Waits a while for the end of the build, whether it succeeds or not.
   * @throws RetrievalError `index_building`, or the signal's reason.
   */
  async built(signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(this.#options.waitMs ?? defaultWaitMs);
    const over = AbortSignal.any([limit, signal]);
    const { promise, resolve } = Promise.withResolvers<void>();
    over.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([this.#built.promise, promise]);
    signal.throwIfAborted();
    if (this.#isBuilding) {
      const percent = Math.floor(this.#share * 100);
      throw new RetrievalError("index_building", { retryAfterSeconds, percent });
    }
  }

  /** Gives up a build that runs. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("The server stops."));
    if (this.#isStarted) {
      await this.#built.promise;
    }
  }

  async #build({ catalogue, embedder, onEnd }: ProjectIndexOptions): Promise<void> {
    try {
      const present = await catalogue.manifest(projectIndexName).catch(() => undefined);
      if (present?.isProject === false) {
        return;
      }
      const result = await buildIndex({
        indexesDirectory: catalogue.directory,
        name: projectIndexName,
        documents: await projectDocuments(),
        embedder,
        isProject: true,
        signal: this.#stop.signal,
        onProgress: ({ share }) => {
          this.#share = share;
        },
      });
      onEnd(result);
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        onEnd({ error });
      }
    }
  }
}
