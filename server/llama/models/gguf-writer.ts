/**
 * Writes GGUF version 3, the file format of llama.cpp, from typed metadata and tensors of float32
 * or float16.
 *
 * It knows nothing about any architecture: a model is its metadata, in the order given, and its
 * tensors. The same input gives the same bytes.
 */

const ggufVersion = 3;
const tensorTypes = { float32: 0, float16: 1 } as const;
const defaultAlignment = 32;

/** The numbers that the format gives to the types of metadata values. */
const metadataTypeNumbers = {
  uint32: 4,
  int32: 5,
  float32: 6,
  boolean: 7,
  text: 8,
  array: 9,
  uint64: 10,
} as const;

type GgufScalar =
  | { readonly type: "uint32" | "int32" | "float32"; readonly value: number }
  | { readonly type: "uint64"; readonly value: bigint }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "text"; readonly value: string };

type GgufArray =
  | { readonly type: "array"; readonly of: "text"; readonly values: readonly string[] }
  | {
      readonly type: "array";
      readonly of: "uint32" | "int32" | "float32";
      readonly values: readonly number[];
    };

type GgufValue = GgufScalar | GgufArray;

/** Keys with their values; they are written in the order in which they stand here. */
export type GgufMetadata = Readonly<Record<string, GgufValue>>;

export interface GgufTensor {
  readonly name: string;
  /** Sizes of the dimensions, the fastest varying one first, as GGUF and llama.cpp count them. */
  readonly shape: readonly number[];
  readonly data: Float32Array | Float16Array;
}

interface GgufModel {
  readonly metadata: GgufMetadata;
  readonly tensors: readonly GgufTensor[];
}

export const uint32 = (value: number): GgufScalar => ({ type: "uint32", value });
export const float32 = (value: number): GgufScalar => ({ type: "float32", value });
export const boolean = (value: boolean): GgufScalar => ({ type: "boolean", value });
export const text = (value: string): GgufScalar => ({ type: "text", value });
export const texts = (values: readonly string[]): GgufArray => ({
  type: "array",
  of: "text",
  values,
});
export const numbers = (
  of: "uint32" | "int32" | "float32",
  values: readonly number[],
): GgufArray => ({ type: "array", of, values });

/**
 * The bytes of a GGUF file.
 *
 * @throws RangeError that lists every fault of the model: a number outside its type, a tensor whose
 *   data does not fill its shape, a name given twice.
 */
export function encodeGguf(model: GgufModel): Buffer {
  const faults = [...metadataFaults(model.metadata), ...tensorFaults(model.tensors)];
  if (faults.length > 0) {
    throw new RangeError(`This is not a valid model: ${faults.join("; ")}.`);
  }

  const writer = new ByteWriter();
  const entries = Object.entries(model.metadata);
  writer.bytes(Buffer.from("GGUF", "latin1"));
  writer.uint32(ggufVersion);
  writer.uint64(BigInt(model.tensors.length));
  writer.uint64(BigInt(entries.length));
  for (const [key, value] of entries) {
    writer.text(key);
    writeValue(writer, value);
  }
  writeTensorTable(writer, model.tensors);
  writer.padTo(defaultAlignment);
  for (const { data } of model.tensors) {
    writer.floats(data);
    writer.padTo(defaultAlignment);
  }
  return writer.finish();
}

function writeValue(writer: ByteWriter, value: GgufValue): void {
  writer.uint32(metadataTypeNumbers[value.type]);
  if (value.type === "array") {
    writer.uint32(metadataTypeNumbers[value.of]);
    writer.uint64(BigInt(value.values.length));
  }
  for (const scalar of listScalars(value)) {
    writeScalar(writer, scalar);
  }
}

function listScalars(value: GgufValue): readonly GgufScalar[] {
  if (value.type !== "array") {
    return [value];
  }
  if (value.of === "text") {
    return value.values.map(text);
  }
  const { of, values } = value;
  return values.map((element) => ({ type: of, value: element }));
}

function writeScalar(writer: ByteWriter, scalar: GgufScalar): void {
  switch (scalar.type) {
    case "uint32":
      writer.uint32(scalar.value);
      break;
    case "int32":
      writer.int32(scalar.value);
      break;
    case "float32":
      writer.floats(Float32Array.of(scalar.value));
      break;
    case "uint64":
      writer.uint64(scalar.value);
      break;
    case "boolean":
      writer.bytes(Uint8Array.of(scalar.value ? 1 : 0));
      break;
    case "text":
      writer.text(scalar.value);
      break;
    default:
      scalar satisfies never;
  }
}

function writeTensorTable(writer: ByteWriter, tensors: readonly GgufTensor[]): void {
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    writer.text(name);
    writer.uint32(shape.length);
    for (const size of shape) {
      writer.uint64(BigInt(size));
    }
    writer.uint32(data instanceof Float16Array ? tensorTypes.float16 : tensorTypes.float32);
    writer.uint64(BigInt(offset));
    offset += Math.ceil(data.byteLength / defaultAlignment) * defaultAlignment;
  }
}

function metadataFaults(metadata: GgufMetadata): string[] {
  return Object.entries(metadata).flatMap(([key, value]) =>
    listScalars(value)
      .filter((scalar) => !fits(scalar))
      .map((scalar) => `${key} holds ${scalar.value}, which is no ${scalar.type}`),
  );
}

function fits(scalar: GgufScalar): boolean {
  switch (scalar.type) {
    case "uint32":
      return scalar.value >>> 0 === scalar.value;
    case "int32":
      return (scalar.value | 0) === scalar.value;
    case "uint64":
      return BigInt.asUintN(64, scalar.value) === scalar.value;
    case "float32":
      return Number.isFinite(scalar.value);
    default:
      return true;
  }
}

function tensorFaults(tensors: readonly GgufTensor[]): string[] {
  const seen = new Set<string>();
  return tensors.flatMap(({ name, shape, data }) => {
    const faults: string[] = [];
    const expected = shape.reduce((product, size) => product * size, 1);
    if (seen.has(name)) {
      faults.push(`tensor ${name} is given twice`);
    }
    seen.add(name);
    if (shape.length < 1 || shape.length > 4) {
      faults.push(`tensor ${name} has ${shape.length} dimensions`);
    } else if (expected !== data.length) {
      faults.push(`tensor ${name} has ${data.length} values, its shape ${expected}`);
    }
    return faults;
  });
}

/** Collects little-endian bytes. Strings are UTF-8 behind their length in 8 bytes, as GGUF wants. */
class ByteWriter {
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

  /** As they lie in memory, which is little-endian wherever llama.cpp's packages run. */
  floats({ buffer, byteOffset, byteLength }: Float32Array | Float16Array): void {
    this.bytes(new Uint8Array(buffer, byteOffset, byteLength));
  }

  padTo(alignment: number): void {
    const missing = (alignment - (this.#length % alignment)) % alignment;
    if (missing > 0) {
      this.bytes(Buffer.alloc(missing));
    }
  }

  finish(): Buffer {
    return Buffer.concat(this.#chunks, this.#length);
  }
}

/** The numbers that GGUF gives to the kinds of tokens. */
export const tokenKinds = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

/** How SentencePiece and llama.cpp mark the beginning of a word. */
export const wordStart = "\u2581";

/**
 * Random numbers that are the same on every machine.
 *
 * Weights are drawn from a uniform distribution and not from a normal one on purpose: Math.log and
 * Math.cos may differ in the last bit between platforms, which would give a model's file another
 * checksum there. Integer steps, one division and one multiplication are exact everywhere.
 */
export interface RandomWeights {
  /** `length` values with mean 0 and the given standard deviation. */
  values(length: number, standardDeviation: number): Float32Array;
}

/** The generator is mulberry32 (public domain): one 32-bit word of state, ample for a toy model. */
export function randomWeights(seed: number): RandomWeights {
  let state = seed >>> 0;
  const nextFraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    values(length, standardDeviation) {
      const halfWidth = standardDeviation * Math.sqrt(3);
      return Float32Array.from({ length }, () => (nextFraction() * 2 - 1) * halfWidth);
    },
  };
}

export const ones = (length: number): Float32Array => new Float32Array(length).fill(1);
