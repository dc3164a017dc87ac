import { constants } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { RetrievalError } from "./retrieval-error.ts";

/** A file to index, and what it is called in answers. */
export interface DocumentFile {
  readonly id: string;
  readonly path: string;
  readonly isMarkdown: boolean;
}

const markdownEndings = new Set([".md", ".markdown", ".mdx"]);
const textEndings = new Set([".txt", ".text", ".rst", ".adoc"]);
const skippedFolders = new Set(["node_modules"]);

/**
 * The Markdown and text files in files and folders, hidden ones and `node_modules` left out. Ids are
 * paths relative to `baseDirectory`; what lies outside of it is named from the path that was given.
 *
 * @throws RetrievalError `index_unusable` that names every path that is not there or holds nothing, or
 *   a folder that cannot be read.
 */
export async function findDocuments(
  paths: readonly string[],
  baseDirectory: string,
): Promise<DocumentFile[]> {
  const found = await Promise.all(paths.map((path) => filesAt(resolve(baseDirectory, path))));
  const empty = paths.filter((_, index) => found[index]?.length === 0);
  if (empty.length > 0) {
    throw new RetrievalError("index_unusable", {
      message: `No Markdown or text file is at ${empty.join(", ")}.`,
      hint: `Name files or folders with files that end in ${[...markdownEndings, ...textEndings].join(" ")}`,
    });
  }
  const documents = new Map<string, DocumentFile>();
  const seen = new Set<string>();
  paths.forEach((path, index) => {
    const root = resolve(baseDirectory, path);
    for (const file of found[index] ?? []) {
      if (seen.has(file)) {
        continue;
      }
      seen.add(file);
      const id = uniqueId(createDocumentId(file, root, baseDirectory), documents);
      documents.set(id, { id, path: file, isMarkdown: isMarkdown(file) });
    }
  });
  return [...documents.values()];
}

function isMarkdown(path: string): boolean {
  return markdownEndings.has(extname(path).toLowerCase());
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) {
    return isDocument(path) ? [path] : [];
  }
  if (!found?.isDirectory()) {
    return [];
  }
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw new RetrievalError("index_unusable", {
      message: `The folder ${path} cannot be read.`,
      hint: "Make it readable, or name other paths.",
      cause,
    });
  });
  const nested = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith(".") && !skippedFolders.has(name))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
      .map(async (entry) => {
        const inside = join(path, entry.name);
        if (entry.isDirectory()) {
          return filesAt(inside);
        }
        if (!isDocument(inside)) {
          return [];
        }
        // Links to folders are not followed: they may lead in a circle. What a name promises that
        // cannot be read, a link to nowhere among others, is found out when it is.
        return (await leadsToFolder(inside, entry.isSymbolicLink())) ? [] : [inside];
      }),
  );
  return nested.flat();
}

async function leadsToFolder(path: string, isLink: boolean): Promise<boolean> {
  return isLink && (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function isDocument(path: string): boolean {
  const ending = extname(path).toLowerCase();
  return markdownEndings.has(ending) || textEndings.has(ending);
}

function createDocumentId(file: string, root: string, baseDirectory: string): string {
  const inside = relative(baseDirectory, file);
  const isOutside = inside.startsWith("..") || isAbsolute(inside);
  const named = file === root ? basename(file) : join(basename(root), relative(root, file));
  return (isOutside ? named : inside).split(sep).join("/");
}

/** Two folders outside may hold files of the same name. */
function uniqueId(id: string, documents: ReadonlyMap<string, unknown>): string {
  let unique = id;
  for (let number = 2; documents.has(unique); number++) {
    unique = `${id}~${number}`;
  }
  return unique;
}

/** Why a document is not in the index. */
export type LeftOutCode = "document_unreadable" | "document_too_large" | "document_binary";

export interface LeftOut {
  readonly path: string;
  readonly code: LeftOutCode;
}

/** Some hours of reading for a person, and some minutes for the embedding model. */
export const maxDocumentBytes = 32 * 1024 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** What a document says, or why it cannot be taken: names tell little about what a file holds. */
export async function readDocument(path: string): Promise<string | LeftOut> {
  const bytes = await readUpTo(path, maxDocumentBytes).catch(() => undefined);
  if (bytes === undefined) {
    return { path, code: "document_unreadable" };
  }
  if (bytes.length > maxDocumentBytes) {
    return { path, code: "document_too_large" };
  }
  const content = decoded(bytes);
  return content === undefined || content.includes("\0")
    ? { path, code: "document_binary" }
    : content;
}

/** One byte more than the limit says that there is more. A pipe is opened without waiting for a writer. */
async function readUpTo(path: string, limitBytes: number): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = await file.stat();
  if (!found.isFile()) {
    throw new Error("It is no file.");
  }
  const bytes = Buffer.alloc(Math.min(found.size, limitBytes + 1));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) {
      break;
    }
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
