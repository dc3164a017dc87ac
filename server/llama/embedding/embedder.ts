import type { LlamaEmbeddingContext, Token } from "node-llama-cpp";
import type { NativeBackend } from "../engine/index.ts";
import { ModelError } from "../models/index.ts";
import { type Encoder, loadEncoder } from "./encoder.ts";

/** A file with an embedding model, and what it is known by. */
export interface EmbeddingModelFile {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
}

/** Turns texts into vectors of length 1, or into nothing but zeros where a text says nothing. */
export interface Embedder {
  readonly name: string;
  /** Of the model's file, in lower-case hexadecimal: vectors of another file are not comparable. */
  readonly sha256: string;
  readonly dimension: number;
  /** Of a longer text the rest is cut. */
  readonly maxTextTokens: number;
  readonly tokenizerName: string;
  readonly vocabularySize: number;
  tokenize(text: string): readonly number[];
  /**
   * @param input A text, or its tokens. What is longer than `maxTextTokens` is cut.
   * @throws EmbeddingFailed, or the signal's reason.
   */
  embed(input: string | readonly number[], signal: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
}

/** More tokens than this make a vector of everything and nothing, and cost memory. */
const maxWindowTokens = 2048;
/** The tokens that begin and end a text, and one that the library wants to have left. */
const reservedTokens = 3;

type EmbeddingEncoder = Encoder<LlamaEmbeddingContext>;

/** @throws ModelError `embedding_model_unusable` */
export async function loadEmbedder(
  backend: NativeBackend,
  { path, name, sha256 }: EmbeddingModelFile,
): Promise<Embedder> {
  const encoder = await loadEncoder(backend, path, {
    maxWindowTokens,
    createContext: (model, options) => model.createEmbeddingContext(options),
    trial: (encoder) => embed(encoder, "A test.", new AbortController().signal),
  }).catch((cause: unknown) => {
    throw new ModelError("embedding_model_unusable", { name, cause });
  });
  return {
    name,
    sha256,
    dimension: encoder.dimension,
    maxTextTokens: maxTextTokens(encoder),
    tokenizerName: encoder.tokenizerName,
    vocabularySize: encoder.vocabularySize,
    tokenize: (text) => encoder.tokens(text),
    embed: (input, signal) => embed(encoder, input, signal),
    close: () => encoder.close(),
  };
}

const maxTextTokens = ({ windowTokens }: EmbeddingEncoder): number => windowTokens - reservedTokens;

function embed(
  encoder: EmbeddingEncoder,
  input: string | readonly number[],
  signal: AbortSignal,
): Promise<Float32Array> {
  return encoder.run(signal, async (context) => {
    const all = typeof input === "string" ? encoder.tokens(input) : (input as Token[]);
    const tokens = all.slice(0, maxTextTokens(encoder));
    if (tokens.length === 0) {
      return new Float32Array(encoder.dimension);
    }
    const { vector } = await context.getEmbeddingFor(tokens);
    return normalised(Float32Array.from(vector), encoder.dimension);
  });
}

/** @throws Error for what is no vector of finite numbers. */
function normalised(vector: Float32Array, dimension: number): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (vector.length !== dimension || !Number.isFinite(length)) {
    throw new RangeError("The model made no vector.");
  }
  return length === 0 ? vector : vector.map((value) => value / length);
}
