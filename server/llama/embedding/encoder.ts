import { type LlamaModel, LlamaVocabularyType, type Token } from "node-llama-cpp";
import { type NativeBackend, nameTokenizer } from "../engine/index.ts";

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

  /** The kind of tokenizer that the model's file names. */
  get tokenizerName(): string {
    return nameTokenizer(this.#model);
  }

  /** How many tokens the model knows. */
  get vocabularySize(): number {
    return this.#model.fileInfo.metadata.tokenizer.ggml.tokens?.length ?? 0;
  }

  tokens(text: string): Token[] {
    const isWordPiece = this.#model.vocabularyType === LlamaVocabularyType.wpm;
    const given = isWordPiece ? withoutAccents(text) : text;
    return this.#model.tokenize(given, false, "trimLeadingSpace");
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

/**
 * BERT's own normalisation. llama.cpp does the same, but leaves Korean syllables whole, of which the
 * vocabulary only has the letters.
 */
function withoutAccents(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{Mn}/gu, "");
}

/** Runs work one after the other, in the order of asking; who no longer waits is passed over. */
class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** How many wait or run. */
  get length(): number {
    return this.#waiting;
  }

  /** @throws the signal's reason, or whatever `work` throws. */
  async run<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const previous = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = previous.then(() => turn.promise);
    this.#waiting += 1;
    try {
      await untilAborted(previous, signal);
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#waiting -= 1;
      turn.resolve();
    }
  }

  /** Resolves when all that was asked for so far is over. */
  async idle(): Promise<void> {
    await this.#last;
  }
}

function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}

/** The embedding or the ranking model failed. The cause's own words may repeat a text. */
export class EmbeddingFailed extends Error {
  override readonly name = "EmbeddingFailed";
  readonly code = "retrieval_failed";

  constructor(options: ErrorOptions) {
    super("The model that turns texts into vectors or ranks them failed.", options);
  }
}
