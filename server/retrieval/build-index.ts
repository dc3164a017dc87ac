import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Embedder } from "../llama/embedding/index.ts";
import {
  type DocumentFile,
  type LeftOut,
  maxDocumentBytes,
  readDocument,
} from "./document-files.ts";
import {
  IndexFolder,
  type Manifest,
  type Passage,
  readContents,
  writeContents,
} from "./index-folder.ts";

export interface BuildProgress {
  readonly documentsDone: number;
  readonly documents: number;
  readonly passagesDone: number;
  /** How much of all bytes is done, from 0 to 1: one document may be longer than all others. */
  readonly share: number;
}

interface BuildOptions {
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
    const shares = await computeShares(documents);
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
async function computeShares(documents: readonly DocumentFile[]): Promise<number[]> {
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
  const fitting = parts.flatMap(({ headings, text }) => {
    const title = headings.join(" > ");
    return cutToFit(title, text, embedder).map((piece) => ({ title, text: piece }));
  });
  const passages = fitting.map((part, index) => ({ id: `${id}#${index + 1}`, ...part }));
  const vectors: Float32Array[] = [];
  for (const passage of passages) {
    vectors.push(await embedder.embed(embeddedText(passage), signal));
    onPassage(vectors.length, passages.length);
  }
  return { entry: { id, title, sha256, passages: passages.length }, passages, vectors };
}

/** What a passage and its headings may have. Sentence-transformers' models were trained with no more. */
const maxPassageTokens = 254;
const minPieceCharacters = 80;

/** Most languages need a few characters for a token, some need several tokens for a character. */
function cutToFit(title: string, text: string, embedder: Embedder): string[] {
  const most = Math.min(maxPassageTokens, embedder.maxTextTokens);
  const tokens = embedder.tokenize(embeddedText({ title, text })).length;
  if (tokens <= most || text.length < minPieceCharacters) {
    return [text];
  }
  const middle = Math.floor(text.length / 2);
  const blank = text.slice(0, middle + 1).search(/\s\S*$/);
  // Half a character, which is what a surrogate is, has no meaning.
  const isSurrogate = /[\uDC00-\uDFFF]/.test(text.charAt(middle));
  const at = blank > middle / 2 ? blank : middle + (isSurrogate ? 1 : 0);
  return [text.slice(0, at), text.slice(at)].flatMap((half) =>
    cutToFit(title, half.trim(), embedder),
  );
}

/**
 * The headings say what a passage is about, which the passage itself often does not. What only
 * formats would blur its meaning.
 */
function embeddedText({ title, text }: Pick<Passage, "title" | "text">): string {
  return plainText(`${title.slice(0, maxPartCharacters)}\n${text}`);
}

/** Markdown without its signs: a link is its text, a row of a table its cells. */
function plainText(markdown: string): string {
  return markdown
    .replaceAll(/!?\[([^\]\n]*)\]\([^)\s]*\)/g, "$1")
    .replaceAll(/^[ \t]*(?:```|~~~).*$/gm, "")
    .replaceAll(/^[ \t]*\|[ \t:|-]+$/gm, "")
    .replaceAll(/^[ \t]*\||\|[ \t]*$/gm, "")
    .replaceAll(/[ \t]+\|[ \t]+/g, ", ")
    .replaceAll(/\*\*|`|^[ \t]*[-*>][ \t]+/gm, "")
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/^ | $/gm, "")
    .replaceAll(/\n\s*\n/g, "\n")
    .trim();
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
    if (manifest === undefined) {
      return { documents: nothing };
    }
    if (manifest.model.sha256 !== embedder.sha256) {
      const reason = `It was made by another embedding model, ${manifest.model.name}.`;
      return { documents: nothing, reason };
    }
    if (manifest.splitting !== splittingVersion) {
      return { documents: nothing, reason: "This version splits documents otherwise." };
    }
    return { documents: await readDocuments(folder, manifest) };
  } catch {
    return { documents: nothing, reason: "It could not be read." };
  }
}

async function readDocuments(
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

/** A piece of a document that is searched and shown to the model as one. */
interface DocumentPart {
  /** The headings above it, the document's title first. */
  readonly headings: readonly string[];
  readonly text: string;
}

interface SplitDocument {
  readonly title: string;
  readonly parts: readonly DocumentPart[];
}

/** Long enough to say something, short enough that three fit beside a question into a small window. */
export const maxPartCharacters = 600;
/** The rows of a table are facts of their own: together they would be about everything and nothing. */
const maxTableCharacters = 300;
/** Changes whenever a document would be split otherwise, so that indexes are made again. */
const splittingVersion = 2;

interface Section {
  readonly headings: readonly string[];
  readonly lines: string[];
}

/**
 * Splits a document at its headings, and what is long below one at paragraphs, then lines, then words.
 * `fallbackTitle` names a document that has no heading of the first level.
 */
export function splitDocument(
  content: string,
  { isMarkdown, fallbackTitle }: { readonly isMarkdown: boolean; readonly fallbackTitle: string },
): SplitDocument {
  const lines = content.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const sections = isMarkdown ? markdownSections(lines) : [{ headings: [], lines }];
  const title = sections.find(({ headings }) => headings[0] !== undefined)?.headings[0];
  const parts = sections.flatMap(({ headings, lines: sectionLines }) =>
    splitText(sectionLines.join("\n")).map((text) => ({
      headings:
        headings[0] === undefined ? [title ?? fallbackTitle, ...headings.slice(1)] : headings,
      text,
    })),
  );
  return {
    title: title ?? fallbackTitle,
    parts: parts.map(({ headings, text }) => ({
      headings: headings.filter((heading) => heading !== ""),
      text,
    })),
  };
}

/** `#` inside a block of code is no heading. */
function markdownSections(lines: readonly string[]): Section[] {
  const sections: Section[] = [{ headings: [], lines: [] }];
  let path: string[] = [];
  let fence: string | undefined;
  for (const line of lines) {
    const [, mark] = /^ {0,3}(```+|~~~+)/.exec(line) ?? [];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
    }
    const [, level = "", text = ""] =
      (fence === undefined && /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*$/.exec(line)) || [];
    if (level === "") {
      sections.at(-1)?.lines.push(line);
    } else {
      path = [...Array.from({ length: level.length - 1 }, (_, index) => path[index] ?? ""), text];
      sections.push({ headings: path, lines: [] });
    }
  }
  return sections;
}

/** Parts of at most the allowed length, cut where it hurts least. */
function splitText(text: string): string[] {
  const parts: string[] = [];
  let open: string[] = [];
  const close = (): void => {
    parts.push(...joined(open, "\n\n", maxPartCharacters));
    open = [];
  };
  for (const paragraph of text.split(/\n[ \t]*\n/)) {
    if (isTable(paragraph)) {
      close();
      parts.push(...joined(pieces(paragraph, "\n").flatMap(splitRows), "\n", maxTableCharacters));
    } else {
      // What it begins with in bold is a heading of its own.
      if (/^\*\*/.test(paragraph)) {
        close();
      }
      open.push(...pieces(paragraph, "\n"));
    }
  }
  close();
  return parts.map((part) => part.trim());
}

function isTable(paragraph: string): boolean {
  return /^[ \t]*\|.*\n[ \t]*\|[ \t:|-]+(\n|$)/.test(paragraph);
}

/** Without the line below the head, which says nothing. */
function splitRows(table: string): string[] {
  return table.split("\n").filter((row) => !/^[ \t]*\|[ \t:|-]+$/.test(row));
}

/** A text as it is when it is short enough; otherwise its lines put together as far as they fit. */
function pieces(text: string, separator: "\n" | " "): string[] {
  if (text.trim() === "") {
    return [];
  }
  if (text.length <= maxPartCharacters) {
    return [text];
  }
  const smaller = text.split(separator).flatMap((piece) => {
    if (piece.length <= maxPartCharacters) {
      return [piece];
    }
    return separator === "\n" ? pieces(piece, " ") : cut(piece);
  });
  return joined(smaller, separator, maxPartCharacters);
}

/** A word longer than a part, such as a line of encoded data. */
function cut(word: string): string[] {
  const count = Math.ceil(word.length / maxPartCharacters);
  return Array.from({ length: count }, (_, index) =>
    word.slice(index * maxPartCharacters, (index + 1) * maxPartCharacters),
  );
}

function joined(texts: readonly string[], separator: string, most: number): string[] {
  const parts: string[] = [];
  for (const text of texts) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + separator.length + text.length <= most) {
      parts[parts.length - 1] = `${last}${separator}${text}`;
    } else {
      parts.push(text);
    }
  }
  return parts;
}
