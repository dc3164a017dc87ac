import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Manifest } from "./index-folder.ts";
import { exactSearch, loadGraph, saveGraph, type VectorSearch } from "./vector-search.ts";

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
