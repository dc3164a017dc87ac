import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { Log } from "../logging/index.ts";
import { embedInputs, rankInputs, type VectorInput, type VectorJob } from "../pipeline/vectors.ts";
import type { Retriever } from "../retrieval/index.ts";
import { ApiError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { answerFailure } from "./generation-route.ts";
import { findParameterAtFault, requireObject } from "./request-body.ts";

/** As OpenAI has it. */
const maxInputs = 2048;
const maxDocuments = 1024;
/** Longer ones would not fit into any model's window. */
const maxInputTokens = 2048;

const tokenList = z.array(z.int().min(0)).min(1).max(maxInputTokens);

const embeddingSchema = z.strictObject({
  model: z.string().nullish(),
  input: z.union([
    z.string(),
    tokenList,
    z.array(z.string()).min(1).max(maxInputs),
    z.array(tokenList).min(1).max(maxInputs),
  ]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  // The vectors of these models cannot be shortened.
  dimensions: z.null().optional(),
  user: z.string().nullish(),
});

const rankingSchema = z.strictObject({
  model: z.string().nullish(),
  query: z.string(),
  documents: z
    .array(z.union([z.string(), z.strictObject({ text: z.string() })]))
    .min(1)
    .max(maxDocuments),
  top_n: z.int().min(1).nullish(),
  return_documents: z.boolean().nullish(),
  user: z.string().nullish(),
});

/** What each parameter takes, for the message when it got something else. */
const forms: Readonly<Record<string, string>> = {
  model: "a string",
  input: `a string, a list of 1 to ${maxInputs} strings, or lists of 1 to ${maxInputTokens} tokens`,
  encoding_format: '"float" or "base64"',
  user: "a string",
  query: "a string",
  documents: `a list of 1 to ${maxDocuments} strings, or objects with a text`,
  top_n: "a whole number from 1",
  return_documents: "true or false",
};

interface VectorRoute {
  readonly modelName: (retriever: Retriever) => string;
  /** The body of the answer. */
  readonly answer: (job: VectorJob, body: unknown, requestId: string) => Promise<object>;
}

/** The routes that call the models of retrieval. */
export const vectorRoutes = {
  "/v1/embeddings": { modelName: ({ embedder }) => embedder.name, answer: answerEmbeddings },
  "/v1/rerank": {
    modelName: ({ ranker, embedder }) => (ranker ?? embedder).name,
    answer: answerRanking,
  },
} as const satisfies Readonly<Record<string, VectorRoute>>;

/** Answers one request for vectors or scores. */
export async function answerVectors(
  route: VectorRoute,
  exchange: Exchange,
  body: unknown,
  reply: FastifyReply,
  { retriever, log }: { readonly retriever: Retriever; readonly log: Log },
): Promise<void> {
  const { trace, signal, requestId } = exchange;
  try {
    const answer = await route.answer({ retriever, log, trace, signal }, body, requestId);
    signal.throwIfAborted();
    reply.send(answer);
  } catch (error) {
    answerFailure(error, exchange, reply);
  }
}

async function answerEmbeddings(job: VectorJob, body: unknown): Promise<object> {
  const { input, encoding_format: encoding } = read(embeddingSchema, body);
  const inputs = listInputs(input);
  const { embedder } = job.retriever;
  requireKnownTokens(inputs, embedder.vocabularySize);
  const { vectors, tokensIn } = await embedInputs(job, inputs);
  return {
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encoding === "base64" ? toBase64(vector) : Array.from(vector),
    })),
    model: embedder.name,
    usage: { prompt_tokens: tokensIn, total_tokens: tokensIn },
  };
}

function listInputs(input: z.output<typeof embeddingSchema>["input"]): readonly VectorInput[] {
  if (typeof input === "string") {
    return [input];
  }
  return isTokenList(input) ? [input] : input;
}

function isTokenList(input: readonly unknown[]): input is number[] {
  return typeof input[0] === "number";
}

/** Tokens are of the model's own vocabulary: those of another one would mean something else. */
function requireKnownTokens(inputs: readonly VectorInput[], vocabularySize: number): void {
  const isKnown = inputs.every(
    (input) => typeof input === "string" || input.every((token) => token < vocabularySize),
  );
  if (!isKnown) {
    throw new ApiError("invalid_parameter", {
      parameter: "input",
      message: `input has tokens that the model does not know: it has ${vocabularySize}, from 0. Send text.`,
    });
  }
}

/** 32-bit floats in little-endian order, as they lie in memory. */
function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

async function answerRanking(job: VectorJob, body: unknown, requestId: string): Promise<object> {
  const parsed = read(rankingSchema, body);
  const { query, top_n: count, return_documents: returnsDocuments } = parsed;
  const documents = parsed.documents.map((one) => (typeof one === "string" ? one : one.text));
  const { scores, tokensIn } = await rankInputs(job, { query, documents });
  const results = scores
    .map((score, index) => ({
      index,
      relevance_score: score,
      ...(returnsDocuments === true ? { document: { text: documents[index] } } : {}),
    }))
    .sort((left, right) => right.relevance_score - left.relevance_score)
    .slice(0, count ?? undefined);
  return {
    id: requestId,
    object: "list",
    model: vectorRoutes["/v1/rerank"].modelName(job.retriever),
    results,
    usage: { prompt_tokens: tokensIn, total_tokens: tokensIn },
  };
}

/** @throws ApiError with the name of the parameter at fault; nothing that was sent is repeated. */
function read<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.output<Schema> {
  const body = requireObject(given);
  if (!Object.keys(body).every((name) => Object.hasOwn(schema.shape, name))) {
    throw new ApiError("unknown_parameter");
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) {
    return parsed.data;
  }
  const parameter = findParameterAtFault(parsed.error.issues, body);
  const form = forms[parameter];
  throw form === undefined
    ? new ApiError("unsupported_parameter", { parameter })
    : new ApiError("invalid_parameter", { parameter, message: `${parameter} takes ${form}.` });
}
