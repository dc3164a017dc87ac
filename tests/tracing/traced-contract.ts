/** For tests: a contract whose stages stay what they are, whatever becomes of the server's own. */
import { defineSpanTree, span } from "#contract";
import { miniserve } from "#miniserve";

export const spans = defineSpanTree(miniserve.attributes, {
  handler: span("http.handler", {
    brief: "One request.",
    parent: null,
    kind: "server",
    atStart: ["method", "route", "model", "requestId"],
    atEnd: ["statusCode", "outcome"],
    optional: ["timeToFirstTokenUs", "slotWaitUs", "streamed", "errorType"],
  }),
  tokenize: span("tokenize.input", {
    brief: "Sets something at its start and something on success.",
    parent: "handler",
    atStart: ["tokenizerName"],
    onSuccess: ["tokensIn"],
  }),
  retrieve: span("rag.retrieve", {
    brief: "On demand, with stages of its own.",
    parent: "handler",
    presence: "optional",
    atStart: ["indexName"],
    onSuccess: ["docsRetrieved", "docsReranked"],
  }),
  embedQuery: span("embed.query", { brief: "A stage of a stage.", parent: "retrieve" }),
  vectorSearch: span("vector.search", { brief: "A stage of a stage.", parent: "retrieve" }),
  rerank: span("rerank", { brief: "A stage of a stage.", parent: "retrieve" }),
  prefill: span("llm.prefill", {
    brief: "Sets three things at once.",
    parent: "handler",
    atStart: ["model"],
    onSuccess: ["tokensIn", "cacheHits", "cacheMisses"],
  }),
  decode: span("llm.decode", {
    brief: "Says otherwise when it is interrupted or fails.",
    parent: "handler",
    atStart: ["model"],
    onSuccess: ["tokensOut", "decodeSteps", "meanStepMs", "stopReason"],
    whenInterrupted: { stopReason: "abort" },
    whenFailed: { stopReason: "error" },
  }),
  decodeStep: span("llm.decode.step", {
    brief: "Any number of times.",
    parent: "decode",
    presence: "sampled",
    atStart: ["decodeStepIndex"],
  }),
  format: span("format.output", {
    brief: "The last stage.",
    parent: "handler",
    atStart: ["outputFormat"],
    onSuccess: ["tokensOut"],
  }),
});

export const traced = { ...miniserve, spans, invariants: [] };
