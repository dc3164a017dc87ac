import type { Embedder, Ranker } from "../llama/embedding/index.ts";
import { lexicalEmbeddingName } from "../llama/models/index.ts";
import type { FoundPassage } from "./found-passage.ts";
import type { IndexCatalogue, UsableIndex } from "./index-catalogue.ts";
import type { ProjectIndex } from "./project-index.ts";
import { type Question, rerankByModel, rerankBySentences } from "./rerank.ts";
import { RetrievalError } from "./retrieval-error.ts";

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
      if (!isBuilding) throw error;
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
