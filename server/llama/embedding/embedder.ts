import type { LlamaEmbeddingContext, LlamaModel } from "node-llama-cpp";
import type { NativeBackend } from "../engine/index.ts";
import { ModelError } from "../models/index.ts";
import { EmbeddingFailed } from "./embedding-failed.ts";
import { SerialQueue } from "./serial-queue.ts";

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
  /**
   * Texts longer than the model's window are cut.
   * @throws EmbeddingFailed, or the signal's reason.
   */
  embed(text: string, signal: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
}

/** More tokens than this make a vector of everything and nothing, and cost memory. */
const maxWindowTokens = 2048;
/** The tokens that begin and end a text, and one that the library wants to have left. */
const reservedTokens = 3;

/** @throws ModelError `embedding_model_unusable` */
export async function loadEmbedder(
  backend: NativeBackend,
  file: EmbeddingModelFile,
): Promise<Embedder> {
  let model: LlamaModel | undefined;
  try {
    model = await backend.llama.loadModel({ modelPath: file.path });
    const windowTokens = Math.min(model.trainContextSize, maxWindowTokens);
    const context = await model.createEmbeddingContext({
      contextSize: windowTokens,
      // An encoder sees a text as a whole or not at all.
      batchSize: windowTokens,
      threads: backend.threads,
    });
    const embedder = new LlamaEmbedder(model, context, { file, windowTokens });
    // Some models load and then make no vectors; that is to be known before the first request.
    await embedder.embed("A test.", new AbortController().signal);
    return embedder;
  } catch (cause) {
    await model?.dispose();
    throw new ModelError("embedding_model_unusable", {
      seen: `llama.cpp cannot make vectors with the file of ${file.name}.`,
      remedy: "Set MINISERVE_EMBEDDING_MODEL to an embedding model, or leave it unset.",
      cause,
    });
  }
}

class LlamaEmbedder implements Embedder {
  readonly name: string;
  readonly sha256: string;
  readonly dimension: number;
  readonly #windowTokens: number;
  readonly #model: LlamaModel;
  readonly #context: LlamaEmbeddingContext;
  readonly #queue = new SerialQueue();

  constructor(
    model: LlamaModel,
    context: LlamaEmbeddingContext,
    { file, windowTokens }: { file: EmbeddingModelFile; windowTokens: number },
  ) {
    this.name = file.name;
    this.sha256 = file.sha256;
    this.dimension = model.embeddingVectorSize;
    this.#windowTokens = windowTokens;
    this.#model = model;
    this.#context = context;
  }

  embed(text: string, signal: AbortSignal): Promise<Float32Array> {
    return this.#queue.run(signal, async () => {
      try {
        const tokens = this.#model
          .tokenize(text, false, "trimLeadingSpace")
          .slice(0, this.#windowTokens - reservedTokens);
        if (tokens.length === 0) {
          return new Float32Array(this.dimension);
        }
        const { vector } = await this.#context.getEmbeddingFor(tokens);
        return normalised(Float32Array.from(vector), this.dimension);
      } catch (cause) {
        throw new EmbeddingFailed({ cause });
      }
    });
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#context.dispose();
    await this.#model.dispose();
  }
}

/** @throws Error for what is no vector of finite numbers. */
function normalised(vector: Float32Array, dimension: number): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (vector.length !== dimension || !Number.isFinite(length)) {
    throw new RangeError("The model made no vector.");
  }
  return length === 0 ? vector : vector.map((value) => value / length);
}
