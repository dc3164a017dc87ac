import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Embedder, Ranker } from "../llama/embedding/index.ts";
import { buildIndex } from "./build-index.ts";
import { type CheckQuestion, checkQuestions } from "./check-questions.ts";
import { IndexCatalogue } from "./index-catalogue.ts";
import { projectDocuments, projectIndexName } from "./project-index.ts";
import { Retriever } from "./retriever.ts";

interface CheckedQuestion extends CheckQuestion {
  /** The place of the documents' best passage, from 1; undefined when it was not found. */
  readonly rank: number | undefined;
}

interface CheckRates {
  /** The share of the questions with a right document among the first three passages. */
  readonly hitRate: number;
  /** The mean of 1 / rank, 0 for what was not found. */
  readonly meanReciprocalRank: number;
}

const topK = 8;
const hitRank = 3;

/**
 * Asks questions about this project's documentation, through search and ranking as a request does.
 * The index is made for this, and removed.
 *
 * @throws EmbeddingFailed, or the signal's reason.
 */
export async function checkRetrieval(
  { embedder, ranker }: { readonly embedder: Embedder; readonly ranker?: Ranker | undefined },
  signal: AbortSignal,
): Promise<CheckedQuestion[]> {
  const indexesDirectory = await mkdtemp(join(tmpdir(), "miniserve-check-"));
  try {
    const documents = await projectDocuments();
    await buildIndex({ indexesDirectory, name: projectIndexName, documents, embedder, signal });
    const catalogue = new IndexCatalogue(indexesDirectory);
    const retriever = new Retriever({ catalogue, embedder, ranker });
    const questions: CheckedQuestion[] = [];
    for (const asked of checkQuestions) {
      questions.push({ ...asked, rank: await computeRank(retriever, asked, signal) });
    }
    return questions;
  } finally {
    await rm(indexesDirectory, { recursive: true, force: true });
  }
}

export function computeRates(questions: readonly CheckedQuestion[]): CheckRates {
  const ranks = questions.map(({ rank }) => rank ?? Number.POSITIVE_INFINITY);
  return {
    hitRate: mean(ranks.map((rank) => (rank <= hitRank ? 1 : 0))),
    meanReciprocalRank: mean(ranks.map((rank) => 1 / rank)),
  };
}

async function computeRank(
  retriever: Retriever,
  { question, documents }: CheckQuestion,
  signal: AbortSignal,
): Promise<number | undefined> {
  const index = await retriever.find(projectIndexName, signal);
  const asked = await retriever.embed(question, signal);
  const found = await retriever.search(index, asked, topK);
  const best = await retriever.rerank(asked, found, { count: topK, signal });
  const place = best.findIndex(({ id }) =>
    documents.some((document) => id.startsWith(`${document}#`)),
  );
  return place === -1 ? undefined : place + 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
