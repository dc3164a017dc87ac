import type { LlamaRankingContext } from "node-llama-cpp";
import type { NativeBackend } from "../engine/index.ts";
import { ModelError } from "../models/index.ts";
import { type Encoder, loadEncoder } from "./encoder.ts";

/** Tells how well texts answer a question. */
export interface Ranker {
  readonly name: string;
  readonly tokenizerName: string;
  /** Of longer questions, and of longer pairs of question and text, the rest is cut. */
  readonly maxQuestionTokens: number;
  readonly maxPairTokens: number;
  tokenize(text: string): readonly number[];
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

type RankingEncoder = Encoder<LlamaRankingContext>;

/** @throws ModelError `ranking_model_unusable` */
export async function loadRanker(
  backend: NativeBackend,
  { path, name }: { readonly path: string; readonly name: string },
): Promise<Ranker> {
  const encoder = await loadEncoder(backend, path, {
    maxWindowTokens,
    createContext: (model, options) => model.createRankingContext(options),
    trial: (encoder) => rank(encoder, "A test?", ["A test."], new AbortController().signal),
  }).catch((cause: unknown) => {
    throw new ModelError("ranking_model_unusable", { name, cause });
  });
  return {
    name,
    tokenizerName: encoder.tokenizerName,
    maxQuestionTokens: maxQuestionTokens(encoder),
    maxPairTokens: maxPairTokens(encoder),
    tokenize: (text) => encoder.tokens(text),
    rank: (question, texts, signal) => rank(encoder, question, texts, signal),
    close: () => encoder.close(),
  };
}

const maxPairTokens = ({ windowTokens }: RankingEncoder): number => windowTokens - reservedTokens;
const maxQuestionTokens = (encoder: RankingEncoder): number =>
  Math.floor(maxPairTokens(encoder) / questionShare);

async function rank(
  encoder: RankingEncoder,
  question: string,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<number[]> {
  const scores: number[] = [];
  for (const text of texts) {
    // A turn for each text: others need not wait until all of them are ranked.
    const score = await encoder.run(signal, (context) => {
      const questionTokens = encoder.tokens(question).slice(0, maxQuestionTokens(encoder));
      const textTokens = encoder
        .tokens(text)
        .slice(0, maxPairTokens(encoder) - questionTokens.length);
      return context.rank(questionTokens, textTokens);
    });
    scores.push(score);
  }
  return scores;
}
