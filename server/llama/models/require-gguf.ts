import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ModelError } from "./model-error.ts";

/** Version 1 had other lengths, and llama.cpp reads it no more. */
const knownVersions = [2, 3];
const defaultAlignment = 32;
const alignmentKey = "general.alignment";
const maxDimensions = 4;
/** A key, a type and a value of one byte; a name, its dimensions, a format and a place. */
const leastBytes = { metadata: 13n, tensor: 24n } as const;

/** The numbers that the format gives to the types of metadata values, and how long a value is. */
const valueBytes: Readonly<Record<number, bigint>> = {
  0: 1n,
  1: 1n,
  2: 2n,
  3: 2n,
  4: 4n,
  5: 4n,
  6: 4n,
  7: 1n,
  10: 8n,
  11: 8n,
  12: 8n,
};
const valueTypes = { uint32: 4, text: 8, array: 9 } as const;

/** What the file says of itself and is not true. */
class Contradiction extends Error {
  override readonly name = "Contradiction";
}

/**
 * Follows the file's own description of what is in it, as far as the last tensor, for a few
 * milliseconds. The reader that node-llama-cpp brings along believes every count: with a file that is
 * cut short or damaged it may go on for years.
 *
 * @throws ModelError `model_not_gguf` for another kind of file, `model_damaged` for one that cannot be
 *   whole
 */
export async function requireGguf(path: string): Promise<void> {
  using reader = new ByteReader(path);
  requireVersion(reader, path);
  let part = "header";
  try {
    const tensorCount = reader.uint64();
    const metadataCount = reader.uint64();
    part = "metadata";
    const alignment = readMetadata(reader, metadataCount);
    part = "list of tensors";
    requireTensors(reader, readTensorList(reader, tensorCount), alignment);
  } catch (error) {
    if (error instanceof BeyondEnd) {
      throw damaged(path, `its ${part} goes on behind its end, at ${reader.sizeBytes} bytes`);
    }
    if (error instanceof Contradiction) {
      throw damaged(path, error.message);
    }
    throw error;
  }
}

function requireVersion(reader: ByteReader, path: string): void {
  const hasBeginning = reader.sizeBytes >= 8;
  if (!hasBeginning || reader.latin1(4) !== "GGUF") {
    throw notGguf(`${path} does not begin like a GGUF file.`);
  }
  const version = reader.uint32();
  if (knownVersions.includes(version)) {
    return;
  }
  throw notGguf(`${path} begins like a GGUF file of version ${version}, and not of 2 or 3.`);
}

/** @returns the alignment of the tensors in bytes. */
function readMetadata(reader: ByteReader, count: bigint): number {
  reader.requireLeft(count * leastBytes.metadata);
  let alignment = defaultAlignment;
  for (let index = 0n; index < count; index++) {
    const isAlignment = readKey(reader) === alignmentKey;
    const type = reader.uint32();
    if (isAlignment && type === valueTypes.uint32) {
      alignment = reader.uint32();
    } else {
      skipValue(reader, type);
    }
  }
  if (alignment === 0) {
    throw new Contradiction("its tensors have the alignment 0");
  }
  return alignment;
}

/** Only one key matters: of the others, which may be of any length, nothing is kept. */
function readKey(reader: ByteReader): string {
  const length = reader.uint64();
  if (length === BigInt(alignmentKey.length)) {
    return reader.latin1(alignmentKey.length);
  }
  reader.skip(length);
  return "";
}

function skipValue(reader: ByteReader, type: number): void {
  if (type === valueTypes.text) {
    skipText(reader);
  } else if (type === valueTypes.array) {
    skipArray(reader);
  } else {
    reader.skip(countBytes(type));
  }
}

function skipText(reader: ByteReader): void {
  reader.skip(reader.uint64());
}

function skipArray(reader: ByteReader): void {
  const type = reader.uint32();
  const count = reader.uint64();
  if (type !== valueTypes.text) {
    reader.skip(count * countBytes(type));
    return;
  }
  for (let index = 0n; index < count; index++) {
    skipText(reader);
  }
}

/** Arrays of arrays, which llama.cpp does not take, are refused here as well. */
function countBytes(type: number): bigint {
  const bytes = valueBytes[type];
  if (bytes !== undefined) {
    return bytes;
  }
  throw new Contradiction(`a value in its metadata has the type ${type}, which does not exist`);
}

/** @returns how far the tensors reach, in bytes from the beginning of the first. */
function readTensorList(reader: ByteReader, count: bigint): bigint {
  reader.requireLeft(count * leastBytes.tensor);
  let furthest = 0n;
  for (let index = 0n; index < count; index++) {
    skipText(reader);
    const dimensions = reader.uint32();
    if (dimensions > maxDimensions) {
      throw new Contradiction(`one of its tensors has ${dimensions} dimensions`);
    }
    let values = 1n;
    for (let dimension = 0; dimension < dimensions; dimension++) {
      values *= reader.uint64();
    }
    // llama.cpp ends the whole process for this.
    if (values === 0n) {
      throw new Contradiction("one of its tensors has a dimension of 0");
    }
    const bytes = tensorBytes(reader.uint32(), values);
    const end = reader.uint64() + bytes;
    if (end > furthest) {
      furthest = end;
    }
  }
  return furthest;
}

function requireTensors(reader: ByteReader, lengthBytes: bigint, alignment: number): void {
  const begin = Math.ceil(reader.position / alignment) * alignment;
  const end = BigInt(begin) + lengthBytes;
  if (lengthBytes === 0n || end <= BigInt(reader.sizeBytes)) {
    return;
  }
  throw new Contradiction(`its tensors reach to byte ${end} of ${reader.sizeBytes}`);
}

function notGguf(message: string): ModelError {
  return new ModelError("model_not_gguf", { message });
}

function damaged(path: string, reason: string): ModelError {
  return new ModelError("model_damaged", { path, reason });
}

/** How many bytes a block of so many values takes. */
interface TensorFormat {
  readonly values: number;
  readonly bytes: number;
}

const format = (values: number, bytes: number): TensorFormat => ({ values, bytes });

/**
 * By the number that GGUF gives to the format of a tensor's values; what is not here is either given
 * up or newer than llama.cpp's version here.
 */
const formats: Readonly<Record<number, TensorFormat>> = {
  0: format(1, 4), // F32
  1: format(1, 2), // F16
  2: format(32, 18), // Q4_0
  3: format(32, 20), // Q4_1
  6: format(32, 22), // Q5_0
  7: format(32, 24), // Q5_1
  8: format(32, 34), // Q8_0
  9: format(32, 36), // Q8_1
  10: format(256, 84), // Q2_K
  11: format(256, 110), // Q3_K
  12: format(256, 144), // Q4_K
  13: format(256, 176), // Q5_K
  14: format(256, 210), // Q6_K
  15: format(256, 292), // Q8_K
  16: format(256, 66), // IQ2_XXS
  17: format(256, 74), // IQ2_XS
  18: format(256, 98), // IQ3_XXS
  19: format(256, 50), // IQ1_S
  20: format(32, 18), // IQ4_NL
  21: format(256, 110), // IQ3_S
  22: format(256, 82), // IQ2_S
  23: format(256, 136), // IQ4_XS
  24: format(1, 1), // I8
  25: format(1, 2), // I16
  26: format(1, 4), // I32
  27: format(1, 8), // I64
  28: format(1, 8), // F64
  29: format(256, 56), // IQ1_M
  30: format(1, 2), // BF16
  34: format(256, 54), // TQ1_0
  35: format(256, 66), // TQ2_0
  39: format(32, 17), // MXFP4
  40: format(64, 36), // NVFP4
  41: format(128, 18), // Q1_0
  42: format(64, 18), // Q2_0
};

/** How many bytes a tensor takes; 0 where the format is not known, and llama.cpp is to judge. */
function tensorBytes(formatNumber: number, values: bigint): bigint {
  const found = formats[formatNumber];
  return found === undefined ? 0n : (values / BigInt(found.values)) * BigInt(found.bytes);
}

const windowBytes = 256 * 1024;

/** The file has no byte at a place where one is asked for. */
class BeyondEnd extends Error {
  override readonly name = "BeyondEnd";
}

/**
 * Reads little-endian numbers from a file, one behind the other, as ByteWriter writes them. However
 * large the numbers are that say how much follows, memory stays small.
 */
class ByteReader implements Disposable {
  readonly sizeBytes: number;
  readonly #file: number;
  readonly #window = Buffer.alloc(windowBytes);
  #windowBegin = 0;
  #windowLength = 0;
  #position = 0;

  constructor(path: string) {
    this.#file = openSync(path, "r");
    this.sizeBytes = fstatSync(this.#file).size;
  }

  /** In bytes from the beginning of the file. */
  get position(): number {
    return this.#position;
  }

  /** @throws BeyondEnd */
  uint32(): number {
    return this.#window.readUInt32LE(this.#take(4));
  }

  /** @throws BeyondEnd */
  uint64(): bigint {
    return this.#window.readBigUInt64LE(this.#take(8));
  }

  /** @throws BeyondEnd */
  latin1(length: number): string {
    const at = this.#take(length);
    return this.#window.toString("latin1", at, at + length);
  }

  /** @throws BeyondEnd */
  skip(count: bigint): void {
    this.requireLeft(count);
    this.#position += Number(count);
  }

  /** @throws BeyondEnd when fewer bytes are left. */
  requireLeft(count: bigint): void {
    if (count > BigInt(this.sizeBytes - this.#position)) {
      throw new BeyondEnd();
    }
  }

  /** @returns where the next `count` bytes lie in the window. */
  #take(count: number): number {
    this.requireLeft(BigInt(count));
    const begin = this.#position;
    this.#position += count;
    if (begin < this.#windowBegin || this.#position > this.#windowBegin + this.#windowLength) {
      this.#windowBegin = begin;
      this.#windowLength = readSync(this.#file, this.#window, 0, windowBytes, begin);
      // The file has become shorter since it was opened.
      if (this.#windowLength < count) {
        throw new BeyondEnd();
      }
    }
    return begin - this.#windowBegin;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
