import type { Embedder, Ranker } from "../llama/embedding/index.ts";
import type { FoundPassage } from "./found-passage.ts";
import { sentencesOf } from "./sentences.ts";
import { dot } from "./vector-search.ts";

/** More sentences than this of one passage are not looked at. */
const maxSentences = 16;
/** Measured with `npm run index -- --check`: better than 0.5, 0.7 and 1 with the lexical model. */
const sentenceShare = 0.3;

export interface Question {
  readonly text: string;
  readonly vector: Float32Array;
}

/** The best of the passages by a ranking model, best first. */
export async function rerankByModel(
  ranker: Ranker,
  question: Question,
  found: readonly FoundPassage[],
  signal: AbortSignal,
): Promise<FoundPassage[]> {
  const texts = found.map(({ title, text }) => `${title}\n${text}`);
  const scores = await ranker.rank(question.text, texts, signal);
  return best(found.map((passage, index) => ({ ...passage, score: scores[index] ?? 0 })));
}

/**
 * Without a ranking model: late interaction. The best sentence of a passage may be the only one that
 * answers; the passage as a whole counts more, because it was embedded with its headings.
 */
export async function rerankBySentences(
  embedder: Embedder,
  question: Question,
  found: readonly FoundPassage[],
  signal: AbortSignal,
): Promise<FoundPassage[]> {
  const scored: FoundPassage[] = [];
  for (const passage of found) {
    let bestSentence = -1;
    for (const sentence of sentencesOf(passage.text, maxSentences)) {
      const vector = await embedder.embed(sentence, signal);
      bestSentence = Math.max(bestSentence, dot(vector, question.vector));
    }
    scored.push({ ...passage, score: mixed(passage.score, bestSentence) });
  }
  return best(scored);
}

function mixed(passage: number, bestSentence: number): number {
  return passage * (1 - sentenceShare) + Math.max(bestSentence, 0) * sentenceShare;
}

function best(passages: readonly FoundPassage[]): FoundPassage[] {
  return passages.toSorted((left, right) => right.score - left.score);
}
