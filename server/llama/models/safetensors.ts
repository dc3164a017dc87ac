const headerLengthBytes = 8;

interface SafetensorsTensor {
  readonly name: string;
  /** Sizes of the dimensions, the slowest varying one first. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What the format's header says of each tensor. */
interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [from: number, to: number];
}

/** The tensors of float32 in a file of the format safetensors whose content the caller has verified. */
export function* readSafetensors(file: Buffer): Generator<SafetensorsTensor> {
  const begin = headerLengthBytes + Number(file.readBigUInt64LE(0));
  const { __metadata__, ...entries }: Record<string, HeaderEntry> = JSON.parse(
    file.toString("utf8", headerLengthBytes, begin),
  );
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(entries)) {
    if (dtype === "F32") {
      const [from, to] = data_offsets;
      // A copy, because the file's own bytes may begin where no number can.
      const bytes = Uint8Array.from(file.subarray(begin + from, begin + to));
      yield { name, shape, data: new Float32Array(bytes.buffer) };
    }
  }
}
