import type { Embedder, Ranker } from "../llama/embedding/index.ts";
import { lexicalEmbeddingName } from "../llama/models/index.ts";
import type { IndexCatalogue, UsableIndex } from "./index-catalogue.ts";
import type { Passage } from "./index-folder.ts";
import type { ProjectIndex } from "./project-index.ts";
import { RetrievalError } from "./retrieval-error.ts";
import { dot } from "./vector-search.ts";

interface RetrieverStatus {
  readonly embeddingModel: string;
  /** Whether it is the generated one, which knows words and not what they mean. */
  readonly isLexical: boolean;
  /** Undefined where the best sentence decides. */
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

  /** The nearest passages, none for a question that says nothing to the model. */
  async search(index: UsableIndex, { vector }: Question, count: number): Promise<FoundPassage[]> {
    const { passages, search } = await index.open();
    if (passages.length === 0 || vector.every((value) => value === 0)) {
      return [];
    }
    return search.nearest(vector, count).flatMap(({ row, similarity }) => {
      const passage = passages[row];
      return passage === undefined ? [] : [{ ...passage, score: similarity }];
    });
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
    const { embedder, ranker } = this.#parts;
    const ranked =
      ranker === undefined
        ? await rerankBySentences(embedder, question, found, signal)
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

/** More sentences than this of one passage are not looked at. */
const maxSentences = 16;
/** Measured with `npm run index -- --check`: better than 0.5, 0.7 and 1 with the lexical model. */
const sentenceShare = 0.3;

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
 * Without a ranking model: late interaction. The best sentence of a passage may be the only one that
 * answers; the passage as a whole counts more, because it was embedded with its headings.
 */
async function rerankBySentences(
  embedder: Embedder,
  question: Question,
  found: readonly FoundPassage[],
  signal: AbortSignal,
): Promise<FoundPassage[]> {
  const scored: FoundPassage[] = [];
  for (const passage of found) {
    let bestSentence = -1;
    for (const sentence of splitSentences(passage.text, maxSentences)) {
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

/** Shorter ones are read together with the next. */
const minCharacters = 40;

/** The sentences of a passage; a line of a table or a list is one. Bounded, so that ranking is. */
export function splitSentences(text: string, most: number): string[] {
  const sentences: string[] = [];
  let open = "";
  for (const piece of text.split(/\n+|(?<=[.!?:;])\s+/)) {
    const trimmed = piece.trim();
    if (!/[\p{L}\p{N}]/u.test(trimmed)) {
      continue;
    }
    open = open === "" ? trimmed : `${open} ${trimmed}`;
    if (open.length >= minCharacters) {
      sentences.push(open);
      open = "";
    }
  }
  if (open !== "") {
    sentences.push(open);
  }
  return sentences.slice(0, most);
}

/** A passage and how well it fits: the nearer to 1, the better. */
export interface FoundPassage extends Passage {
  readonly score: number;
}
