import { boolean, defineAttributes, double, int, oneOf, string } from "../define/index.ts";

const count = { unit: "{count}", min: 0 } as const;
const tokens = { unit: "{token}", min: 0 } as const;

/** Names of models, indexes and tokenizers as this server gives them out, never as a client typed them. */
const servedName = /[A-Za-z0-9][A-Za-z0-9._/-]{0,127}/;

/**
 * Every attribute of a request's spans: the only place where its name on the wire, its type and its
 * unit are written. Rename one here, and server, queries, dashboards and store follow.
 */
export const attributes = defineAttributes({
  // http.handler
  method: oneOf("http.method", ["POST"], {
    brief: "The method of the HTTP request.",
    semconv: "http.request.method",
  }),
  route: oneOf(
    "http.route",
    ["/v1/completions", "/v1/chat/completions", "/v1/embeddings", "/v1/rerank"],
    {
      brief: "The route that took the request.",
      semconv: "http.route",
    },
  ),
  statusCode: int("http.status_code", {
    brief: "The status that was sent, or 499 when the client left before anything was.",
    min: 100,
    max: 599,
    examples: [200, 400, 499],
    semconv: "http.response.status_code",
  }),
  model: string("llm.model", {
    brief: "The model that is served, also when the client asked for another.",
    pattern: servedName,
    examples: ["SmolLM2-135M-Instruct.Q4_1"],
    semconv: "gen_ai.response.model",
  }),
  requestId: string("llm.request.id", {
    brief: "The id of the answer, as the client sees it.",
    pattern: /(cmpl|chatcmpl|embd|rerank)-[0-9a-f]{32}/,
    examples: ["chatcmpl-0af7651916cd43dd8448eb211c80319c"],
    semconv: "gen_ai.response.id",
    unique: true,
  }),
  outcome: oneOf(
    "llm.request.outcome",
    ["completed", "rejected", "failed", "aborted", "timeout", "shutdown"],
    { brief: "How the request ended.", extension: true },
  ),
  // An integer, because TraceQL's quantiles drop doubles.
  timeToFirstTokenUs: int("llm.request.time_to_first_token_us", {
    brief:
      "How long the client waited for the first token: from the first byte read to the token sampled.",
    unit: "us",
    min: 0,
    examples: [182_000],
    semconv: {
      key: "gen_ai.response.time_to_first_chunk",
      transform: "to-seconds-from-microseconds",
    },
    extension: true,
  }),
  slotWaitUs: int("llm.request.slot_wait_us", {
    brief: "How long the request waited for a free slot of the model.",
    unit: "us",
    min: 0,
    examples: [0, 52_000],
    extension: true,
  }),
  streamed: boolean("llm.request.streamed", {
    brief: "Whether the client asked for the answer as a stream of events.",
    semconv: "gen_ai.request.stream",
    extension: true,
  }),
  errorType: string("error.type", {
    brief: "The code of the error that ended the request, as in its answer.",
    pattern: /[a-z][a-z0-9_]{0,63}/,
    examples: ["context_length_exceeded"],
    semconv: "error.type",
    extension: true,
  }),

  // tokenize.input and llm.prefill
  tokensIn: int("llm.tokens.in", {
    brief:
      "Tokens that went in: of the client's input where it is tokenized, of the model's input where that is evaluated.",
    ...tokens,
    examples: [23],
    semconv: "gen_ai.usage.input_tokens",
  }),
  tokenizerName: string("tokenizer.name", {
    brief: "The kind of tokenizer that the model's file names.",
    pattern: servedName,
    examples: ["gpt2/smollm", "llama"],
  }),
  cacheHits: int("llm.cache.hits", {
    brief: "Input tokens that were found in the prefix cache of the slot.",
    ...tokens,
    examples: [0, 22],
    semconv: "gen_ai.usage.cache_read.input_tokens",
  }),
  cacheMisses: int("llm.cache.misses", {
    brief: "Input tokens that were missing from the prefix cache and had to be evaluated.",
    ...tokens,
    examples: [23, 1],
  }),

  // embed.input and rerank.input
  inputs: int("llm.inputs", {
    brief: "Inputs that one request had turned into vectors, or documents that it had ranked.",
    unit: "{input}",
    min: 0,
    examples: [1, 32],
    extension: true,
  }),

  // rag.retrieve
  docsRetrieved: int("rag.docs.retrieved", {
    brief: "Passages that the vector search found.",
    ...count,
    unit: "{passage}",
    examples: [8, 0],
  }),
  docsReranked: int("rag.docs.reranked", {
    brief: "Passages that were left after reranking and went to the model.",
    ...count,
    unit: "{passage}",
    examples: [3, 0],
  }),
  indexName: string("rag.index.name", {
    brief: "The index that was searched.",
    pattern: servedName,
    examples: ["docs"],
    semconv: "gen_ai.data_source.id",
  }),

  // llm.decode and format.output
  tokensOut: int("llm.tokens.out", {
    brief:
      "Tokens generated, without the one that ends generation, with those that a stop string withheld.",
    ...tokens,
    examples: [0, 128],
    semconv: "gen_ai.usage.output_tokens",
  }),
  decodeSteps: int("llm.decode.steps", {
    brief: "Evaluations of the model, with the one that gave the end of generation.",
    ...count,
    unit: "{step}",
    examples: [129],
  }),
  meanStepMs: double("llm.decode.mean_step_ms", {
    brief: "The mean time of a decode step, 0 when there was none.",
    unit: "ms",
    min: 0,
    examples: [38.2, 0],
  }),
  stopReason: oneOf("llm.stop_reason", ["stop", "length", "tool_calls", "abort", "error"], {
    brief: "Why generation ended; tool_calls when it ended with calls of tools.",
    semconv: { key: "gen_ai.response.finish_reasons", transform: "to-array" },
  }),
  toolCalls: int("llm.tool_calls", {
    brief: "Calls of tools that the model made. Only where it was offered tools.",
    ...count,
    unit: "{call}",
    examples: [0, 1],
    extension: true,
  }),
  decodeStepIndex: int("llm.decode.step_index", {
    brief: "Which step of the generation this is, from 0.",
    ...count,
    unit: "{step}",
    examples: [0, 64],
    extension: true,
  }),
  outputFormat: oneOf("output.format", ["text", "json"], {
    brief: "The form of the answer that the client asked for.",
    semconv: "gen_ai.output.type",
  }),
});
