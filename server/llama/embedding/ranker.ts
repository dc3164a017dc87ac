import type { LlamaModel, LlamaRankingContext, Token } from "node-llama-cpp";
import type { NativeBackend } from "../engine/index.ts";
import { ModelError } from "../models/index.ts";
import { EmbeddingFailed } from "./embedding-failed.ts";
import { SerialQueue } from "./serial-queue.ts";

/** Tells how well texts answer a question. */
export interface Ranker {
  readonly name: string;
  /**
   * A score from 0 to 1 for each text. Texts longer than the model's window are cut, and so is the
   * question.
   * @throws EmbeddingFailed, or the signal's reason.
   */
  rank(question: string, texts: readonly string[], signal: AbortSignal): Promise<number[]>;
  close(): Promise<void>;
}

const maxWindowTokens = 1024;
/** The question has at most a quarter of the window. */
const questionShare = 4;
/** Tokens around and between question and text, whatever the model's template. */
const reservedTokens = 32;

/** @throws ModelError `ranking_model_unusable` */
export async function loadRanker(
  backend: NativeBackend,
  file: { readonly path: string; readonly name: string },
): Promise<Ranker> {
  let model: LlamaModel | undefined;
  try {
    model = await backend.llama.loadModel({ modelPath: file.path });
    const windowTokens = Math.min(model.trainContextSize, maxWindowTokens);
    const context = await model.createRankingContext({
      contextSize: windowTokens,
      batchSize: windowTokens,
      threads: backend.threads,
    });
    return new LlamaRanker(model, context, { name: file.name, windowTokens });
  } catch (cause) {
    await model?.dispose();
    throw new ModelError("ranking_model_unusable", {
      seen: `llama.cpp cannot rank texts with the file of ${file.name}.`,
      remedy: "Set MINISERVE_RERANK_MODEL to a ranking model, or leave it unset.",
      cause,
    });
  }
}

class LlamaRanker implements Ranker {
  readonly name: string;
  readonly #windowTokens: number;
  readonly #model: LlamaModel;
  readonly #context: LlamaRankingContext;
  readonly #queue = new SerialQueue();

  constructor(
    model: LlamaModel,
    context: LlamaRankingContext,
    { name, windowTokens }: { name: string; windowTokens: number },
  ) {
    this.name = name;
    this.#windowTokens = windowTokens;
    this.#model = model;
    this.#context = context;
  }

  async rank(question: string, texts: readonly string[], signal: AbortSignal): Promise<number[]> {
    const scores: number[] = [];
    for (const text of texts) {
      scores.push(await this.#queue.run(signal, () => this.#rankOne(question, text)));
    }
    return scores;
  }

  async #rankOne(question: string, text: string): Promise<number> {
    try {
      const room = this.#windowTokens - reservedTokens;
      const questionTokens = this.#tokens(question).slice(0, Math.floor(room / questionShare));
      const textTokens = this.#tokens(text).slice(0, room - questionTokens.length);
      return await this.#context.rank(questionTokens, textTokens);
    } catch (cause) {
      throw new EmbeddingFailed({ cause });
    }
  }

  #tokens(text: string): Token[] {
    return this.#model.tokenize(text, false, "trimLeadingSpace");
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#context.dispose();
    await this.#model.dispose();
  }
}
