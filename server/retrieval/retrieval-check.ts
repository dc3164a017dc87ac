import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Embedder, Ranker } from "../llama/embedding/index.ts";
import { buildIndex } from "./build-index.ts";
import { checkQuestions } from "./check-questions.ts";
import { IndexCatalogue } from "./index-catalogue.ts";
import { projectDocuments, projectIndexName } from "./project-index.ts";
import { Retriever } from "./retriever.ts";

export interface CheckedQuestion {
  readonly question: string;
  readonly document: string;
  /** The place of the document's best passage, from 1; undefined when it was not found. */
  readonly rank: number | undefined;
}

export interface CheckResult {
  readonly questions: readonly CheckedQuestion[];
  /** The share of the questions whose document is among the first three passages. */
  readonly hitRate: number;
  /** The mean of 1 / rank, 0 for what was not found. */
  readonly meanReciprocalRank: number;
}

const topK = 8;
const hitRank = 3;

/**
 * Asks 20 questions about this project's documentation, through search and ranking as a request does.
 * The index is made for this, and removed.
 *
 * @throws EmbeddingFailed, or the signal's reason.
 */
export async function checkRetrieval(
  { embedder, ranker }: { readonly embedder: Embedder; readonly ranker?: Ranker | undefined },
  signal: AbortSignal,
): Promise<CheckResult> {
  const indexesDirectory = await mkdtemp(join(tmpdir(), "miniserve-check-"));
  try {
    const documents = await projectDocuments();
    await buildIndex({ indexesDirectory, name: projectIndexName, documents, embedder, signal });
    const catalogue = new IndexCatalogue(indexesDirectory);
    const retriever = new Retriever({ catalogue, embedder, ranker });
    const questions: CheckedQuestion[] = [];
    for (const { question, document } of checkQuestions) {
      const rank = await rankOf({ retriever, question, document, signal });
      questions.push({ question, document, rank });
    }
    const ranks = questions.map(({ rank }) => rank ?? Number.POSITIVE_INFINITY);
    return {
      questions,
      hitRate: mean(ranks.map((rank) => (rank <= hitRank ? 1 : 0))),
      meanReciprocalRank: mean(ranks.map((rank) => 1 / rank)),
    };
  } finally {
    await rm(indexesDirectory, { recursive: true, force: true });
  }
}

async function rankOf({
  retriever,
  question,
  document,
  signal,
}: {
  readonly retriever: Retriever;
  readonly question: string;
  readonly document: string;
  readonly signal: AbortSignal;
}): Promise<number | undefined> {
  const index = await retriever.find(projectIndexName, signal);
  const asked = await retriever.embed(question, signal);
  const found = await retriever.search(index, asked, topK);
  const best = await retriever.rerank(asked, found, { count: topK, signal });
  const place = best.findIndex(({ id }) => id.startsWith(`${document}#`));
  return place === -1 ? undefined : place + 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
