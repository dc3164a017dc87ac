import { computeWordWeights, stemWord } from "../llama/models/index.ts";

/** Loaded with the first question. */
let weights: ReadonlyMap<string, number> | undefined;

/** The words of a question, each as heavy as it is rare in English. */
export class QuestionWords {
  readonly #weights: ReadonlyMap<string, number>;
  readonly #total: number;

  constructor(question: string) {
    weights ??= computeWordWeights();
    const known = weights;
    this.#weights = new Map([...stems(question)].map((stem) => [stem, known.get(stem) ?? 1]));
    this.#total = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0);
  }

  /** How much of the question's words is in the text, in whatever form: from 0 to 1. */
  shareIn(text: string): number {
    const there = stems(text);
    let shared = 0;
    for (const [stem, weight] of this.#weights) {
      shared += there.has(stem) ? weight : 0;
    }
    return this.#total === 0 ? 0 : shared / this.#total;
  }
}

function stems(text: string): Set<string> {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\p{N}]*|\p{N}+/gu) ?? [];
  return new Set(words.map(stemWord));
}
