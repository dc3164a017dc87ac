import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Embedder } from "../llama/embedding/index.ts";
import type { DocumentFile } from "./document-files.ts";
import { type Passage, readContents, writeContents } from "./index-contents.ts";
import { IndexFolder, type Manifest } from "./index-folder.ts";
import { splitDocument, splittingVersion } from "./split-document.ts";

export interface BuildProgress {
  readonly documentsDone: number;
  readonly documents: number;
  readonly passagesDone: number;
}

export interface BuildOptions {
  readonly indexesDirectory: string;
  readonly name: string;
  readonly documents: readonly DocumentFile[];
  readonly embedder: Embedder;
  readonly signal: AbortSignal;
  /** Whether this is the server's own documentation. */
  readonly isProject?: boolean;
  readonly onProgress?: (progress: BuildProgress) => void;
}

export interface BuildResult {
  readonly documents: number;
  readonly passages: number;
  /** Documents whose vectors were taken from the index that was there. */
  readonly documentsKept: number;
  readonly documentsRemoved: number;
  /** Why nothing could be kept of an index that was there, as a sentence. */
  readonly rebuiltBecause?: string;
}

/** A document in the index: its entry in the manifest, its passages and their vectors. */
interface IndexedDocument {
  readonly entry: Manifest["documents"][number];
  readonly passages: readonly Passage[];
  readonly vectors: readonly Float32Array[];
}

/**
 * Makes the index of these documents and of no others. What has not changed since the last time is
 * kept, unless another model made its vectors. Until it is whole the old index stays as it is.
 *
 * @throws EmbeddingFailed, the signal's reason, or what the operating system says of a file.
 */
export async function buildIndex(options: BuildOptions): Promise<BuildResult> {
  const { indexesDirectory, name, documents, embedder, signal, onProgress } = options;
  const folder = new IndexFolder(indexesDirectory, name);
  const previous = await readPrevious(folder, embedder);
  const { contents, path } = await folder.openContents();
  try {
    const indexed: IndexedDocument[] = [];
    let passagesDone = 0;
    let documentsKept = 0;
    for (const document of documents) {
      onProgress?.({ documentsDone: indexed.length, documents: documents.length, passagesDone });
      const content = await readFile(document.path, "utf8");
      const sha256 = createHash("sha256").update(content).digest("hex");
      const known = previous.documents.get(document.id);
      const isKnown = known?.entry.sha256 === sha256;
      const one = isKnown
        ? known
        : await indexDocument(document, { content, sha256, embedder, signal });
      documentsKept += isKnown ? 1 : 0;
      passagesDone += one.passages.length;
      indexed.push(one);
    }
    await write({ folder, contents, path, indexed, options });
    onProgress?.({ documentsDone: indexed.length, documents: documents.length, passagesDone });
    const ids = new Set(documents.map(({ id }) => id));
    return {
      documents: indexed.length,
      passages: passagesDone,
      documentsKept,
      documentsRemoved: [...previous.documents.keys()].filter((id) => !ids.has(id)).length,
      ...(previous.reason === undefined ? {} : { rebuiltBecause: previous.reason }),
    };
  } catch (error) {
    await folder.discard(contents);
    throw error;
  }
}

async function indexDocument(
  { id, path, isMarkdown }: DocumentFile,
  {
    content,
    sha256,
    embedder,
    signal,
  }: {
    readonly content: string;
    readonly sha256: string;
    readonly embedder: Embedder;
    readonly signal: AbortSignal;
  },
): Promise<IndexedDocument> {
  const { title, parts } = splitDocument(content, { isMarkdown, fallbackTitle: basename(path) });
  const passages = parts.map(({ headings, text }, index) => ({
    id: `${id}#${index + 1}`,
    title: headings.join(" > "),
    text,
  }));
  const vectors: Float32Array[] = [];
  for (const passage of passages) {
    vectors.push(await embedder.embed(embeddedText(passage), signal));
  }
  return { entry: { id, title, sha256, passages: passages.length }, passages, vectors };
}

/** The headings say what a passage is about, which the passage itself often does not. */
function embeddedText({ title, text }: Passage): string {
  return `${title}\n${text}`;
}

async function write({
  folder,
  contents,
  path,
  indexed,
  options: { embedder, isProject = false },
}: {
  readonly folder: IndexFolder;
  readonly contents: string;
  readonly path: string;
  readonly indexed: readonly IndexedDocument[];
  readonly options: BuildOptions;
}): Promise<void> {
  const { name, sha256, dimension } = embedder;
  const passages = indexed.flatMap((document) => document.passages);
  const vectors = new Float32Array(passages.length * dimension);
  indexed
    .flatMap((document) => document.vectors)
    .forEach((vector, row) => {
      vectors.set(vector, row * dimension);
    });
  await writeContents(path, { passages, vectors }, dimension);
  await folder.commit({
    contents,
    isProject,
    builtAt: new Date().toISOString(),
    splitting: splittingVersion,
    model: { name, sha256, dimension },
    passages: passages.length,
    documents: indexed.map(({ entry }) => entry),
  });
}

interface PreviousIndex {
  readonly documents: ReadonlyMap<string, IndexedDocument>;
  /** Why nothing of it can be kept. */
  readonly reason?: string;
}

/** What can be kept of the index that is there; an index that cannot be read is made again. */
async function readPrevious(folder: IndexFolder, embedder: Embedder): Promise<PreviousIndex> {
  const nothing = new Map<string, IndexedDocument>();
  try {
    const manifest = await folder.manifest();
    if (manifest === undefined) return { documents: nothing };
    if (manifest.model.sha256 !== embedder.sha256) {
      const reason = `It was made by another embedding model, ${manifest.model.name}.`;
      return { documents: nothing, reason };
    }
    if (manifest.splitting !== splittingVersion) {
      return { documents: nothing, reason: "This version splits documents otherwise." };
    }
    return { documents: await documentsOf(folder, manifest) };
  } catch {
    return { documents: nothing, reason: "It could not be read." };
  }
}

async function documentsOf(
  folder: IndexFolder,
  manifest: Manifest,
): Promise<Map<string, IndexedDocument>> {
  const { passages, vectors } = await readContents(folder.contentsPath(manifest), manifest);
  const { dimension } = manifest.model;
  let row = 0;
  return new Map(
    manifest.documents.map((entry) => {
      const first = row;
      row += entry.passages;
      const own = Array.from({ length: entry.passages }, (_, index) => {
        const start = (first + index) * dimension;
        return vectors.subarray(start, start + dimension);
      });
      return [entry.id, { entry, passages: passages.slice(first, row), vectors: own }];
    }),
  );
}
