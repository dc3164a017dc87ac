import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Embedder, Ranker } from "../llama/embedding/index.ts";
import { buildIndex } from "./build-index.ts";
import { IndexCatalogue } from "./index-catalogue.ts";
import { projectDocuments, projectIndexName } from "./project-index.ts";
import { Retriever } from "./retriever.ts";

interface CheckedQuestion {
  readonly question: string;
  readonly document: string;
  /** The place of the document's best passage, from 1; undefined when it was not found. */
  readonly rank: number | undefined;
}

interface CheckResult {
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
      const rank = await computeRank({ retriever, question, document, signal });
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

async function computeRank({
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

/** A question about this project, and the document that answers it. */
interface CheckQuestion {
  readonly question: string;
  readonly document: string;
}

/** Asked as a newcomer would; none repeats a sentence of the document. */
const checkQuestions: readonly CheckQuestion[] = [
  { question: "How can I run the server without internet access?", document: "docs/run.md" },
  { question: "How do I install a GPU build?", document: "docs/run.md" },
  { question: "On which platforms was it tested?", document: "docs/run.md" },
  { question: "Which folder may import which other folder?", document: "ARCHITECTURE.md" },
  {
    question: "What happens to spans when the collector has an outage?",
    document: "ARCHITECTURE.md",
  },
  { question: "How do I run only the tests of one folder?", document: "CONTRIBUTING.md" },
  { question: "How much time may continuous integration take?", document: "CONTRIBUTING.md" },
  {
    question: "What must I do after adding a dependency with npm install?",
    document: "CONTRIBUTING.md",
  },
  { question: "Which temperature values are allowed in a request?", document: "docs/api.md" },
  { question: "How do I get the token usage at the end of a stream?", document: "docs/api.md" },
  { question: "Which health route tells that the server is ready?", document: "docs/api.md" },
  {
    question: "The answer has status 429, all slots are busy. What now?",
    document: "docs/generated/errors.md",
  },
  {
    question: "Why does the server not start when another process has the port?",
    document: "docs/generated/errors.md",
  },
  {
    question: "The request body is too large, which error is that?",
    document: "docs/generated/errors.md",
  },
  {
    question: "Where is the log file and when is it rotated?",
    document: "docs/generated/settings.md",
  },
  { question: "How do I require an API key from clients?", document: "docs/generated/settings.md" },
  {
    question: "Which OpenTelemetry variables does the server honour?",
    document: "docs/generated/settings.md",
  },
  { question: "How do I rename an attribute on the wire?", document: "contract/README.md" },
  { question: "How do I add a new log line to the contract?", document: "contract/README.md" },
  { question: "How do I build an index of my own Markdown files?", document: "docs/retrieval.md" },
];
