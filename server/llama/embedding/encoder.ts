import type { LlamaModel, Token } from "node-llama-cpp";
import type { NativeBackend } from "../engine/index.ts";
import { EmbeddingFailed } from "./embedding-failed.ts";
import { SerialQueue } from "./serial-queue.ts";

interface Disposing {
  dispose(): Promise<void>;
}

interface ContextOptions {
  readonly contextSize: number;
  readonly batchSize: number;
  readonly threads: number;
}

interface EncoderOptions<Context extends Disposing> {
  /** The window is the model's own, but no longer than this. */
  readonly maxWindowTokens: number;
  readonly createContext: (model: LlamaModel, options: ContextOptions) => Promise<Context>;
  /** Some models load and then fail; that is to be known before the first request. */
  readonly trial: (encoder: Encoder<Context>) => Promise<unknown>;
}

/** A model that reads texts as a whole, one after the other, and generates nothing. */
export class Encoder<Context extends Disposing> {
  readonly windowTokens: number;
  readonly #model: LlamaModel;
  readonly #context: Context;
  readonly #queue = new SerialQueue();

  constructor(model: LlamaModel, context: Context, windowTokens: number) {
    this.windowTokens = windowTokens;
    this.#model = model;
    this.#context = context;
  }

  /** How many numbers a vector of the model has. */
  get dimension(): number {
    return this.#model.embeddingVectorSize;
  }

  tokens(text: string): Token[] {
    return this.#model.tokenize(text, false, "trimLeadingSpace");
  }

  /**
   * Does the work when it is its turn.
   * @throws EmbeddingFailed for whatever the work throws, or the signal's reason.
   */
  run<Result>(signal: AbortSignal, work: (context: Context) => Promise<Result>): Promise<Result> {
    return this.#queue.run(signal, async () => {
      try {
        return await work(this.#context);
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

/** @throws whatever the library or the trial throws; nothing stays loaded then. */
export async function loadEncoder<Context extends Disposing>(
  backend: NativeBackend,
  modelPath: string,
  { maxWindowTokens, createContext, trial }: EncoderOptions<Context>,
): Promise<Encoder<Context>> {
  const model = await backend.llama.loadModel({ modelPath });
  try {
    const windowTokens = Math.min(model.trainContextSize, maxWindowTokens);
    const context = await createContext(model, {
      contextSize: windowTokens,
      // An encoder sees a text as a whole or not at all.
      batchSize: windowTokens,
      threads: backend.threads,
    });
    const encoder = new Encoder(model, context, windowTokens);
    await trial(encoder);
    return encoder;
  } catch (error) {
    await model.dispose();
    throw error;
  }
}
