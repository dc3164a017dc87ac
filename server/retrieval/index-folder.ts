import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isAbandoned, ownerTag } from "../llama/models/index.ts";
import { exactSearch, loadGraph, saveGraph, type VectorSearch } from "./vector-search.ts";

/**
 * An index on disk is a folder with its name. Its `manifest.json` names the folder beside it that
 * holds passages and vectors. A new index is written into a new folder, and the manifest then replaced
 * by a rename: whoever reads sees the old index or the new one, also when the writer is killed.
 */

const format = 1;
const manifestName = "manifest.json";
/** The vectors and passages of the index are written into folders with this beginning. */
const contentsPrefix = "contents.";

const manifestSchema = z.object({
  format: z.literal(format),
  /** The folder with the passages and vectors. */
  contents: z.string().regex(/^contents\.[0-9]+-[0-9a-f]+$/),
  /** Whether the server made it of its own documentation. */
  isProject: z.boolean(),
  builtAt: z.string(),
  splitting: z.int(),
  model: z.object({ name: z.string(), sha256: z.string(), dimension: z.int().min(1) }),
  passages: z.int().min(0),
  documents: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      sha256: z.string(),
      passages: z.int().min(0),
    }),
  ),
});

export type Manifest = z.output<typeof manifestSchema>;

/** As in a path and in an attribute: no way out of the folder, and nothing that needs quoting. */
export function isIndexName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);
}

export class IndexFolder {
  readonly path: string;

  constructor(indexesDirectory: string, name: string) {
    this.path = join(indexesDirectory, name);
  }

  /** Changes with every build; undefined when there is no index. */
  async version(): Promise<string | undefined> {
    const found = await stat(join(this.path, manifestName), { bigint: true }).catch(unlessMissing);
    return found === undefined ? undefined : `${found.mtimeNs}-${found.ino}-${found.size}`;
  }

  /**
   * Undefined when there is no index.
   * @throws Error when its manifest cannot be read.
   */
  async manifest(): Promise<Manifest | undefined> {
    const text = await readFile(join(this.path, manifestName), "utf8").catch(unlessMissing);
    return text === undefined ? undefined : manifestSchema.parse(JSON.parse(text));
  }

  contentsPath({ contents }: Pick<Manifest, "contents">): string {
    return join(this.path, contents);
  }

  /** A new folder for the contents of the next index. What killed builds left behind is removed. */
  async openContents(): Promise<{ contents: string; path: string }> {
    const contents = `${contentsPrefix}${ownerTag()}`;
    await mkdir(join(this.path, contents), { recursive: true });
    await this.#removeAbandoned();
    return { contents, path: join(this.path, contents) };
  }

  /** Puts the manifest in place, and with it the new contents. The old ones are removed. */
  async commit(manifest: Omit<Manifest, "format">): Promise<void> {
    const previous = await this.manifest().catch(() => undefined);
    const unfinished = join(this.path, `${manifest.contents}.json`);
    await writeFile(unfinished, `${JSON.stringify({ format, ...manifest }, null, 2)}\n`, {
      flush: true,
    });
    await rename(unfinished, join(this.path, manifestName));
    if (previous !== undefined && previous.contents !== manifest.contents) {
      await rm(this.contentsPath(previous), { recursive: true, force: true });
    }
  }

  async discard(contents: string): Promise<void> {
    await rm(join(this.path, contents), { recursive: true, force: true });
  }

  /** The manifest first, so that nobody finds an index whose contents are gone. */
  async remove(): Promise<void> {
    await rm(join(this.path, manifestName), { force: true });
    await rm(this.path, { recursive: true, force: true });
  }

  async #removeAbandoned(): Promise<void> {
    const current = await this.manifest().catch(() => undefined);
    for (const name of await readdir(this.path)) {
      const [, owner] = /^contents\.([0-9]+-[0-9a-f]+)(?:\.json)?$/.exec(name) ?? [];
      if (owner === undefined || name === current?.contents) {
        continue;
      }
      const found = await stat(join(this.path, name)).catch(unlessMissing);
      if (found !== undefined && isAbandoned(owner, found.mtimeMs)) {
        await rm(join(this.path, name), { recursive: true, force: true });
      }
    }
  }
}

/** The names of all indexes in a folder, in order. */
export async function indexNames(indexesDirectory: string): Promise<string[]> {
  const names = (await readdir(indexesDirectory).catch(unlessMissing)) ?? [];
  const versions = await Promise.all(
    names.map((name) =>
      isIndexName(name) ? new IndexFolder(indexesDirectory, name).version() : undefined,
    ),
  );
  return names.filter((_, index) => versions[index] !== undefined).toSorted();
}

function unlessMissing(error: unknown): undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return undefined;
  }
  throw error;
}

const passageSchema = z.object({
  /** The document's id and the number of the passage in it, from 1: "docs/settings.md#2". */
  id: z.string(),
  /** The headings above the passage. */
  title: z.string(),
  text: z.string(),
});

export type Passage = z.output<typeof passageSchema>;

/** Passages in order, and a row of numbers for each. */
export interface IndexContents {
  readonly passages: readonly Passage[];
  /** Every row of length 1, or all zeros. */
  readonly vectors: Float32Array;
}

const passagesName = "passages.jsonl";
const vectorsName = "vectors.f32";

/** Files are on disk before the call ends, so that a manifest never names what a crash lost. */
export async function writeContents(
  directory: string,
  { passages, vectors }: IndexContents,
  dimension: number,
): Promise<void> {
  const lines = passages.map((passage) => `${JSON.stringify(passage)}\n`).join("");
  const flush = { flush: true } as const;
  await writeFile(join(directory, passagesName), lines, flush);
  await writeFile(join(directory, vectorsName), littleEndian(vectors), flush);
  await saveGraph(directory, vectors, dimension);
}

/** @throws Error when the files are not there, or not of the manifest's size. */
export async function readContents(directory: string, manifest: Manifest): Promise<IndexContents> {
  const [text, bytes] = await Promise.all([
    readFile(join(directory, passagesName), "utf8"),
    readFile(join(directory, vectorsName)),
  ]);
  const passages = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => passageSchema.parse(JSON.parse(line)));
  const { passages: count, model } = manifest;
  if (passages.length !== count || bytes.length !== count * model.dimension * 4) {
    throw new Error("The index has other sizes than its manifest says.");
  }
  return { passages, vectors: fromLittleEndian(bytes) };
}

/** The search over an index that was read: through the graph where there is one. */
export async function openSearch(
  directory: string,
  { vectors }: IndexContents,
  dimension: number,
): Promise<VectorSearch> {
  const exact = exactSearch(vectors, dimension);
  return (await loadGraph(directory, vectors, dimension)) ?? exact;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndian(vectors: Float32Array): Buffer {
  const bytes = Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
  return isLittleEndian ? bytes : Buffer.from(bytes).swap32();
}

function fromLittleEndian(bytes: Buffer): Float32Array {
  // Copied: a buffer from the file need not begin where a number may.
  const own = Uint8Array.from(isLittleEndian ? bytes : Buffer.from(bytes).swap32());
  return new Float32Array(own.buffer);
}
