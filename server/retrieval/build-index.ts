import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Embedder } from "../llama/embedding/index.ts";
import type { DocumentFile } from "./document-files.ts";
import { type Passage, readContents, writeContents } from "./index-contents.ts";
import { IndexFolder, type Manifest } from "./index-folder.ts";
import { type LeftOut, maxDocumentBytes, readDocument } from "./read-document.ts";
import { splitDocument, splittingVersion } from "./split-document.ts";

export interface BuildProgress {
  readonly documentsDone: number;
  readonly documents: number;
  readonly passagesDone: number;
  /** How much of all bytes is done, from 0 to 1: one document may be longer than all others. */
  readonly share: number;
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
  /** Documents that are not in it, and why. */
  readonly leftOut?: readonly LeftOut[];
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
 * @throws EmbeddingFailed, the signal's reason, or what the operating system says of the index.
 */
export async function buildIndex(options: BuildOptions): Promise<BuildResult> {
  const { indexesDirectory, name, documents, embedder, signal, onProgress } = options;
  const folder = new IndexFolder(indexesDirectory, name);
  const previous = await readPrevious(folder, embedder);
  const { contents, path } = await folder.openContents();
  try {
    const indexed: IndexedDocument[] = [];
    const leftOut: LeftOut[] = [];
    let passagesDone = 0;
    let documentsKept = 0;
    const shares = await sharesOf(documents);
    let shareDone = 0;
    const report = (share: number, passages: number): void => {
      const documentsDone = indexed.length + leftOut.length;
      onProgress?.({ documentsDone, documents: documents.length, passagesDone: passages, share });
    };
    for (const [index, document] of documents.entries()) {
      report(shareDone, passagesDone);
      const share = shares[index] ?? 0;
      const content = await readDocument(document.path);
      if (typeof content !== "string") {
        leftOut.push(content);
        shareDone += share;
        continue;
      }
      const sha256 = createHash("sha256").update(content).digest("hex");
      const known = previous.documents.get(document.id);
      const isKnown = known?.entry.sha256 === sha256;
      const one = isKnown
        ? known
        : await indexDocument(document, {
            content,
            sha256,
            embedder,
            signal,
            onPassage: (done, all) => report(shareDone + (share * done) / all, passagesDone + done),
          });
      documentsKept += isKnown ? 1 : 0;
      passagesDone += one.passages.length;
      shareDone += share;
      indexed.push(one);
    }
    await write({ folder, contents, path, indexed, options });
    report(1, passagesDone);
    const ids = new Set(indexed.map(({ entry }) => entry.id));
    return {
      documents: indexed.length,
      passages: passagesDone,
      documentsKept,
      documentsRemoved: [...previous.documents.keys()].filter((id) => !ids.has(id)).length,
      ...(leftOut.length === 0 ? {} : { leftOut }),
      ...(previous.reason === undefined ? {} : { rebuiltBecause: previous.reason }),
    };
  } catch (error) {
    await folder.discard(contents);
    throw error;
  }
}

/** How much of all bytes each document has; a file that is not there has none. */
async function sharesOf(documents: readonly DocumentFile[]): Promise<number[]> {
  const sizes = await Promise.all(
    documents.map(async ({ path }) => {
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      // What is too large is left out at once.
      return size > maxDocumentBytes ? 0 : size;
    }),
  );
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => (all === 0 ? 0 : size / all));
}

async function indexDocument(
  { id, path, isMarkdown }: DocumentFile,
  {
    content,
    sha256,
    embedder,
    signal,
    onPassage,
  }: {
    readonly content: string;
    readonly sha256: string;
    readonly embedder: Embedder;
    readonly signal: AbortSignal;
    readonly onPassage: (done: number, all: number) => void;
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
    onPassage(vectors.length, passages.length);
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
