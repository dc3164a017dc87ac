import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const windowBytes = 256 * 1024;

/** The file has no byte at a place where one is asked for. */
export class BeyondEnd extends Error {
  override readonly name = "BeyondEnd";
}

/**
 * Reads little-endian numbers from a file, one behind the other, as ByteWriter writes them. However
 * large the numbers are that say how much follows, memory stays small.
 */
export class ByteReader implements Disposable {
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
    if (count > BigInt(this.sizeBytes - this.#position)) throw new BeyondEnd();
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
      if (this.#windowLength < count) throw new BeyondEnd();
    }
    return begin - this.#windowBegin;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
