import { constants } from "node:fs";
import { open } from "node:fs/promises";

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
  if (bytes === undefined) return { path, code: "document_unreadable" };
  if (bytes.length > maxDocumentBytes) return { path, code: "document_too_large" };
  const content = decoded(bytes);
  return content === undefined || content.includes("\0")
    ? { path, code: "document_binary" }
    : content;
}

/** One byte more than the limit says that there is more. A pipe is opened without waiting for a writer. */
async function readUpTo(path: string, limitBytes: number): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = await file.stat();
  if (!found.isFile()) throw new Error("It is no file.");
  const bytes = Buffer.alloc(Math.min(found.size, limitBytes + 1));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) break;
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
