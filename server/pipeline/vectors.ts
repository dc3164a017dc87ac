import { logEvents, spans } from "#miniserve";
import type { Log } from "../logging/index.ts";
import type { Retriever } from "../retrieval/index.ts";
import type { RequestTrace } from "../tracing/index.ts";
import { EmptyInput } from "./job.ts";

/** A request for the models of retrieval alone: no slot is taken and nothing generated. */
export interface VectorJob {
  readonly retriever: Retriever;
  readonly trace: RequestTrace<typeof spans.handler>;
  readonly log: Log;
  /** Aborted with a `RequestInterrupted`. */
  readonly signal: AbortSignal;
}

/** A text, or its tokens. */
export type VectorInput = string | readonly number[];

/** One input is longer than the model reads; nothing is cut in silence. */
export class InputTooLong extends Error {
  override readonly name = "InputTooLong";
  /** Where it stands in the body: `input[3]`. */
  readonly place: string;

  constructor(place: string, tokens: number, maxTokens: number) {
    super(`${place} has ${tokens} tokens, and the model reads ${maxTokens} at a time.`);
    this.place = place;
  }
}

interface Embedded {
  /** Of length 1, in the order of the inputs. */
  readonly vectors: readonly Float32Array[];
  readonly tokensIn: number;
}

/**
 * Turns texts into vectors: tokenize.input, then embed.input.
 * @throws InputTooLong or EmptyInput when it cannot be taken, EmbeddingFailed, or the signal's reason.
 */
export async function embedInputs(
  job: VectorJob,
  inputs: readonly VectorInput[],
): Promise<Embedded> {
  const { trace, log, signal, retriever } = job;
  const { embedder } = retriever;
  const tokens = await tokenize(job, embedder, inputs);
  tokens.forEach(({ length }, index) => {
    requireFit(`input[${index}]`, length, embedder.maxTextTokens);
  });
  const tokensIn = countAll(tokens);
  return await trace.stage(spans.embedInput, { model: embedder.name }, async (stage) => {
    const vectors: Float32Array[] = [];
    for (const input of tokens) {
      vectors.push(await embedder.embed(input, signal));
    }
    const counts = { inputs: inputs.length, tokensIn };
    log(logEvents.inputEmbedded, counts);
    return stage.done({ vectors, tokensIn }, counts);
  });
}

interface Ranked {
  /** For each document, in their order: the nearer to 1, the better. */
  readonly scores: readonly number[];
  readonly tokensIn: number;
}

/**
 * Scores documents by a query: tokenize.input, then rerank.input.
 * @throws InputTooLong or EmptyInput when it cannot be taken, EmbeddingFailed, or the signal's reason.
 */
export async function rankInputs(
  job: VectorJob,
  { query, documents }: { readonly query: string; readonly documents: readonly string[] },
): Promise<Ranked> {
  const { trace, log, signal, retriever } = job;
  const { embedder, ranker } = retriever;
  const model = ranker ?? embedder;
  const [queryTokens = [], ...documentTokens] = await tokenize(job, model, [query, ...documents]);
  requireFit("query", queryTokens.length, ranker?.maxQuestionTokens ?? embedder.maxTextTokens);
  const room =
    ranker === undefined ? embedder.maxTextTokens : ranker.maxPairTokens - queryTokens.length;
  documentTokens.forEach(({ length }, index) => {
    requireFit(`documents[${index}]`, length, room);
  });
  const tokensIn = queryTokens.length + countAll(documentTokens);
  return await trace.stage(spans.rerankInput, { model: model.name }, async (stage) => {
    const scores = await retriever.score(query, documents, signal);
    const counts = { inputs: documents.length, tokensIn };
    log(logEvents.inputRanked, counts);
    return stage.done({ scores, tokensIn }, counts);
  });
}

interface Tokenizer {
  readonly tokenizerName: string;
  tokenize(text: string): readonly number[];
}

function tokenize(
  { trace, log }: VectorJob,
  model: Tokenizer,
  inputs: readonly VectorInput[],
): Promise<(readonly number[])[]> {
  const { tokenizerName } = model;
  return trace.stage(spans.tokenize, { tokenizerName }, async (stage) => {
    const tokens = inputs.map((input) =>
      typeof input === "string" ? model.tokenize(input) : input,
    );
    const tokensIn = countAll(tokens);
    log(logEvents.inputTokenized, { tokensIn });
    return stage.done(tokens, { tokensIn });
  });
}

function countAll(tokens: readonly (readonly number[])[]): number {
  return tokens.reduce((sum, { length }) => sum + length, 0);
}

function requireFit(place: string, tokens: number, maxTokens: number): void {
  if (tokens === 0) {
    throw new EmptyInput();
  }
  if (tokens > maxTokens) {
    throw new InputTooLong(place, tokens, maxTokens);
  }
}
