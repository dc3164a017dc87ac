import { defineSpanTree, type RequestKind, span } from "../define/index.ts";
import { attributes } from "./attributes.ts";

/** Requests that generate. */
const generation: RequestKind = {
  attribute: "route",
  isOneOf: ["/v1/completions", "/v1/chat/completions"],
};

/** What one request leaves behind: its spans in the order in which its stages run. */
export const spans = defineSpanTree(attributes, {
  handler: span("http.handler", {
    brief: "One request, from the first byte read to the last byte written.",
    parent: null,
    kind: "server",
    atStart: ["method", "route", "model", "requestId"],
    atEnd: ["statusCode", "outcome"],
    optional: ["timeToFirstTokenUs", "slotWaitUs", "streamed", "errorType"],
  }),
  tokenize: span("tokenize.input", {
    brief: "Turns the client's input into tokens, through the model's chat template for a chat.",
    parent: "handler",
    atStart: ["tokenizerName"],
    onSuccess: ["tokensIn"],
  }),
  embedInput: span("embed.input", {
    brief: "Turns the texts of a request into vectors.",
    parent: "handler",
    onlyFor: { attribute: "route", isOneOf: ["/v1/embeddings"] },
    atStart: ["model"],
    onSuccess: ["inputs", "tokensIn"],
  }),
  rerankInput: span("rerank.input", {
    brief: "Scores the documents of a request by how well they answer its query.",
    parent: "handler",
    onlyFor: { attribute: "route", isOneOf: ["/v1/rerank"] },
    atStart: ["model"],
    onSuccess: ["inputs", "tokensIn"],
  }),
  retrieve: span("rag.retrieve", {
    brief: "Finds passages for the request and puts them before the model.",
    parent: "handler",
    onlyFor: generation,
    presence: "optional",
    atStart: ["indexName"],
    onSuccess: ["docsRetrieved", "docsReranked"],
  }),
  embedQuery: span("embed.query", {
    brief: "Turns the question into a vector.",
    parent: "retrieve",
  }),
  vectorSearch: span("vector.search", {
    brief: "Finds the passages whose vectors are nearest.",
    parent: "retrieve",
  }),
  rerank: span("rerank", {
    brief: "Orders the passages found by how well they answer, and keeps the best.",
    parent: "retrieve",
  }),
  prefill: span("llm.prefill", {
    brief: "Evaluates the input that is not in the slot's prefix cache yet.",
    parent: "handler",
    onlyFor: generation,
    atStart: ["model"],
    onSuccess: ["tokensIn", "cacheHits", "cacheMisses"],
  }),
  decode: span("llm.decode", {
    brief: "Generates the answer, a token a step.",
    parent: "handler",
    onlyFor: generation,
    atStart: ["model"],
    onSuccess: ["tokensOut", "decodeSteps", "meanStepMs", "stopReason"],
    optional: ["toolCalls"],
    whenInterrupted: { stopReason: "abort" },
    whenFailed: { stopReason: "error" },
  }),
  decodeStep: span("llm.decode.step", {
    brief: "One step of the generation. Off unless asked for, and then a sample.",
    parent: "decode",
    presence: "sampled",
    atStart: ["decodeStepIndex"],
  }),
  format: span("format.output", {
    brief: "Puts the answer into the form that the client asked for.",
    parent: "handler",
    onlyFor: generation,
    atStart: ["outputFormat"],
    onSuccess: ["tokensOut"],
  }),
});
