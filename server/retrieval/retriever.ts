import type { Embedder, Ranker } from "../llama/embedding/index.ts";
import { lexicalEmbeddingName } from "../llama/models/index.ts";
import type { IndexCatalogue, UsableIndex } from "./index-catalogue.ts";
import type { Passage } from "./index-folder.ts";
import type { ProjectIndex } from "./project-index.ts";
import { RetrievalError } from "./retrieval-error.ts";
import { QuestionWords } from "./shared-words.ts";
import { dot } from "./vector-search.ts";

interface RetrieverStatus {
  readonly embeddingModel: string;
  /** Whether it is the generated one, which knows words and not what they mean. */
  readonly isLexical: boolean;
  /** Undefined where shared words decide. */
  readonly rankingModel: string | undefined;
}

interface RetrieverParts {
  readonly catalogue: IndexCatalogue;
  readonly embedder: Embedder;
  readonly ranker?: Ranker | undefined;
  /** The index that the server makes itself, where it does. */
  readonly project?: ProjectIndex | undefined;
}

/** Finds passages for questions. It knows nothing of HTTP or tracing. */
export class Retriever {
  readonly #parts: RetrieverParts;

  constructor(parts: RetrieverParts) {
    this.#parts = parts;
  }

  get status(): RetrieverStatus {
    const { embedder, ranker } = this.#parts;
    const isLexical = embedder.name === lexicalEmbeddingName;
    return { embeddingModel: embedder.name, isLexical, rankingModel: ranker?.name };
  }

  /**
   * The index of this name. The server's own is waited for a while when it is being built.
   * @throws RetrievalError, or the signal's reason.
   */
  async find(name: string, signal: AbortSignal): Promise<UsableIndex> {
    const { catalogue, embedder, project } = this.#parts;
    try {
      return await catalogue.find(name, embedder);
    } catch (error) {
      const isBuilding = error instanceof RetrievalError && project?.isBuilding(name) === true;
      if (!isBuilding) {
        throw error;
      }
      await project.built(signal);
      return await catalogue.find(name, embedder);
    }
  }

  /** @throws EmbeddingFailed, or the signal's reason. */
  async embed(text: string, signal: AbortSignal): Promise<Question> {
    return { text, vector: await this.#parts.embedder.embed(text, signal) };
  }

  /** The model that makes vectors. */
  get embedder(): Embedder {
    return this.#parts.embedder;
  }

  /** The model that ranks, where there is one. */
  get ranker(): Ranker | undefined {
    return this.#parts.ranker;
  }

  /**
   * How well each document answers the question, as passages are ranked.
   * @throws EmbeddingFailed, or the signal's reason.
   */
  async score(text: string, documents: readonly string[], signal: AbortSignal): Promise<number[]> {
    const { embedder, ranker } = this.#parts;
    if (ranker !== undefined) {
      return await ranker.rank(text, documents, signal);
    }
    const question = await this.embed(text, signal);
    const words = new QuestionWords(text);
    const scores: number[] = [];
    for (const document of documents) {
      const similarity = dot(question.vector, await embedder.embed(document, signal));
      scores.push(mixed(similarity, words.shareIn(document)));
    }
    return scores;
  }

  /**
   * Of the nearest passages those that share most words with the question as well; none for a question
   * that says nothing to the model.
   */
  async search(index: UsableIndex, question: Question, count: number): Promise<FoundPassage[]> {
    const { vector } = question;
    const { passages, search } = await index.open();
    if (passages.length === 0 || vector.every((value) => value === 0)) {
      return [];
    }
    const nearest = search.nearest(vector, count * candidates).flatMap(({ row, similarity }) => {
      const passage = passages[row];
      return passage === undefined ? [] : [{ passage, similarity }];
    });
    const words = new QuestionWords(question.text);
    return nearest
      .map(({ passage, similarity }) => ({
        found: { ...passage, score: similarity },
        score: mixed(similarity, words.shareIn(`${passage.title}\n${passage.text}`)),
      }))
      .sort((left, right) => right.score - left.score)
      .slice(0, count)
      .map(({ found }) => found);
  }

  /**
   * The best of the passages found, best first.
   * @throws EmbeddingFailed, or the signal's reason.
   */
  async rerank(
    question: Question,
    found: readonly FoundPassage[],
    { count, signal }: { readonly count: number; readonly signal: AbortSignal },
  ): Promise<FoundPassage[]> {
    const { ranker } = this.#parts;
    signal.throwIfAborted();
    const ranked =
      ranker === undefined
        ? rerankByWords(question, found)
        : await rerankByModel(ranker, question, found, signal);
    return ranked.slice(0, count);
  }

  /** Ends what is built in the background, and frees the models. */
  async close(): Promise<void> {
    const { embedder, ranker, project } = this.#parts;
    await project?.close();
    await ranker?.close();
    await embedder.close();
  }
}

/** So many times as many passages as are wanted are compared by their words. */
const candidates = 4;
/** The share of the words, of 1: what the vectors say counts more. */
const wordsShare = 0.3;

interface Question {
  readonly text: string;
  readonly vector: Float32Array;
}

/** The best of the passages by a ranking model, best first. */
async function rerankByModel(
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
 * Without a ranking model: a vector knows what a text means and blurs its names and numbers, which the
 * words still have.
 */
function rerankByWords({ text }: Question, found: readonly FoundPassage[]): FoundPassage[] {
  const words = new QuestionWords(text);
  return best(
    found.map((passage) => ({
      ...passage,
      score: mixed(passage.score, words.shareIn(`${passage.title}\n${passage.text}`)),
    })),
  );
}

function mixed(similarity: number, sharedWords: number): number {
  return similarity * (1 - wordsShare) + sharedWords * wordsShare;
}

function best(passages: readonly FoundPassage[]): FoundPassage[] {
  return passages.toSorted((left, right) => right.score - left.score);
}

/** A passage and how well it fits: the nearer to 1, the better. */
export interface FoundPassage extends Passage {
  readonly score: number;
}
