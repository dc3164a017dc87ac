import {
  type IndexContents,
  IndexFolder,
  indexNames,
  isIndexName,
  type Manifest,
  openSearch,
  type Passage,
  readContents,
} from "./index-folder.ts";
import { RetrievalError } from "./retrieval-error.ts";
import type { VectorSearch } from "./vector-search.ts";

/** What the vectors of an index must be of. */
export interface ModelIdentity {
  readonly name: string;
  readonly sha256: string;
}

/** An index that was found and can be searched; it is read when it is first searched. */
export interface UsableIndex {
  readonly name: string;
  /** @throws RetrievalError `index_unreadable`. */
  open(): Promise<OpenIndex>;
}

export interface OpenIndex {
  readonly passages: readonly Passage[];
  readonly search: VectorSearch;
}

interface KnownIndex {
  readonly version: string;
  readonly index: UsableIndex;
}

export interface IndexSummary {
  readonly name: string;
  /** Undefined for an index whose manifest cannot be read. */
  readonly manifest: Manifest | undefined;
}

/** The indexes of a folder. Those that come, change or go while it is in use are noticed. */
export class IndexCatalogue {
  readonly #directory: string;
  readonly #known = new Map<string, KnownIndex>();

  constructor(indexesDirectory: string) {
    this.#directory = indexesDirectory;
  }

  get directory(): string {
    return this.#directory;
  }

  names(): Promise<string[]> {
    return indexNames(this.#directory);
  }

  async summaries(): Promise<IndexSummary[]> {
    return await Promise.all(
      (await this.names()).map(async (name) => ({
        name,
        manifest: await this.manifest(name).catch(() => undefined),
      })),
    );
  }

  /** @throws Error when it cannot be read. */
  manifest(name: string): Promise<Manifest | undefined> {
    return new IndexFolder(this.#directory, name).manifest();
  }

  /** @returns whether there was one. */
  async remove(name: string): Promise<boolean> {
    const folder = new IndexFolder(this.#directory, name);
    const isThere = isIndexName(name) && (await folder.version()) !== undefined;
    if (isThere) {
      await folder.remove();
    }
    return isThere;
  }

  /**
   * The index as it is on disk now.
   * @throws RetrievalError `unknown_index`, or `index_unusable` for one of another model's vectors.
   */
  async find(name: string, model: ModelIdentity): Promise<UsableIndex> {
    const folder = new IndexFolder(this.#directory, name);
    const version = isIndexName(name) ? await folder.version() : undefined;
    if (version === undefined) {
      this.#known.delete(name);
      throw new RetrievalError("unknown_index", { known: (await this.names()).join(", ") });
    }
    const known = this.#known.get(name);
    if (known?.version === version) {
      return known.index;
    }
    const index = usableIndex(name, folder, await this.#checkedManifest(folder, name, model));
    this.#known.set(name, { version, index });
    return index;
  }

  async #checkedManifest(
    folder: IndexFolder,
    name: string,
    model: ModelIdentity,
  ): Promise<Manifest> {
    const manifest = await folder.manifest().catch((cause: unknown) => {
      throw new RetrievalError("index_unusable", {
        message: `The manifest of the index ${name} cannot be read.`,
        hint: `Build it again: npm run index -- ${name} PATH…`,
        cause,
      });
    });
    if (manifest === undefined) {
      throw new RetrievalError("unknown_index", { known: (await this.names()).join(", ") });
    }
    if (manifest.model.sha256 !== model.sha256) {
      throw new RetrievalError("index_unusable", {
        message: `The index ${name} was made by another embedding model (${manifest.model.name}) than the one that is loaded (${model.name}).`,
        hint: `Build it again: npm run index -- ${name} PATH…`,
      });
    }
    return manifest;
  }
}

function usableIndex(name: string, folder: IndexFolder, manifest: Manifest): UsableIndex {
  let opening: Promise<OpenIndex> | undefined;
  return {
    name,
    open() {
      opening ??= openIndex(folder, manifest).catch((cause: unknown) => {
        // It may be readable the next time.
        opening = undefined;
        throw new RetrievalError("index_unreadable", { name, cause });
      });
      return opening;
    },
  };
}

async function openIndex(folder: IndexFolder, manifest: Manifest): Promise<OpenIndex> {
  const directory = folder.contentsPath(manifest);
  const contents: IndexContents = await readContents(directory, manifest);
  const search = await openSearch(directory, contents, manifest.model.dimension);
  return { passages: contents.passages, search };
}
