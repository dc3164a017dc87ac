/** Collects little-endian bytes. Strings are UTF-8 behind their length in 8 bytes, as GGUF wants. */
export class ByteWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  bytes(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  uint32(value: number): void {
    const chunk = Buffer.alloc(4);
    chunk.writeUInt32LE(value);
    this.bytes(chunk);
  }

  int32(value: number): void {
    const chunk = Buffer.alloc(4);
    chunk.writeInt32LE(value);
    this.bytes(chunk);
  }

  uint64(value: bigint): void {
    const chunk = Buffer.alloc(8);
    chunk.writeBigUInt64LE(value);
    this.bytes(chunk);
  }

  text(value: string): void {
    const encoded = Buffer.from(value, "utf8");
    this.uint64(BigInt(encoded.length));
    this.bytes(encoded);
  }

  float32s(values: Float32Array): void {
    const chunk = Buffer.alloc(values.byteLength);
    values.forEach((value, index) => {
      chunk.writeFloatLE(value, index * 4);
    });
    this.bytes(chunk);
  }

  padTo(alignment: number): void {
    const missing = (alignment - (this.#length % alignment)) % alignment;
    if (missing > 0) this.bytes(Buffer.alloc(missing));
  }

  finish(): Buffer {
    return Buffer.concat(this.#chunks, this.#length);
  }
}
