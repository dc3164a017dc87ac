import { attributes } from "./attributes.ts";
import { defineSpanTree, span } from "./define/index.ts";

/** What one request leaves behind: its spans in the order in which its stages run. */
export const spans = defineSpanTree(attributes, {
  handler: span("http.handler", {
    meaning: "One request, from the first byte read to the last byte written.",
    parent: null,
    kind: "server",
    atStart: ["method", "route", "model", "requestId"],
    atEnd: ["statusCode", "outcome"],
    optional: ["timeToFirstTokenUs", "slotWaitUs", "streamed", "errorType"],
  }),
  tokenize: span("tokenize.input", {
    meaning: "Turns the client's input into tokens, through the model's chat template for a chat.",
    parent: "handler",
    atStart: ["tokenizerName"],
    onSuccess: ["tokensIn"],
  }),
  retrieve: span("rag.retrieve", {
    meaning: "Finds passages for the request and puts them before the model.",
    parent: "handler",
    presence: "on-demand",
    atStart: ["indexName"],
    onSuccess: ["docsRetrieved", "docsReranked"],
  }),
  embedQuery: span("embed.query", {
    meaning: "Turns the question into a vector.",
    parent: "retrieve",
  }),
  vectorSearch: span("vector.search", {
    meaning: "Finds the passages whose vectors are nearest.",
    parent: "retrieve",
  }),
  rerank: span("rerank", {
    meaning: "Orders the passages found by how well they answer, and keeps the best.",
    parent: "retrieve",
  }),
  prefill: span("llm.prefill", {
    meaning: "Evaluates the input that is not in the slot's prefix cache yet.",
    parent: "handler",
    atStart: ["model"],
    onSuccess: ["tokensIn", "cacheHits", "cacheMisses"],
  }),
  decode: span("llm.decode", {
    meaning: "Generates the answer, a token a step.",
    parent: "handler",
    atStart: ["model"],
    onSuccess: ["tokensOut", "decodeSteps", "meanStepMs", "stopReason"],
    whenInterrupted: { stopReason: "abort" },
    whenFailed: { stopReason: "error" },
  }),
  decodeStep: span("llm.decode.step", {
    meaning: "One step of the generation. Off unless asked for, and then a sample.",
    parent: "decode",
    presence: "sampled",
    atStart: ["decodeStepIndex"],
  }),
  format: span("format.output", {
    meaning: "Puts the answer into the form that the client asked for.",
    parent: "handler",
    atStart: ["outputFormat"],
    onSuccess: ["tokensOut"],
  }),
});
