import { attributes } from "./attributes.ts";
import { defineContract } from "./define/index.ts";
import { logEvents } from "./log-events.ts";
import { metrics } from "./metrics.ts";
import { resource } from "./resource.ts";
import { savedQueries } from "./saved-queries.ts";
import { spans } from "./spans.ts";

/** What the trace of a request to miniserve looks like. */
export const miniserve = defineContract({
  tracerName: "lynx-cortex.miniserve",
  resource,
  attributes,
  spans,
  logEvents,
  metrics,
  savedQueries,
  outcomes: {
    attribute: "outcome",
    byName: {
      completed: {
        meaning: "The answer was sent to its end.",
        tree: "whole",
        rootStatus: "unset",
        ranges: { statusCode: [200, 200] },
        logLines: { min: 6, max: 10 },
      },
      rejected: {
        meaning: "The request could not be taken: it was malformed, too large, or one too many.",
        tree: "rejected",
        rootStatus: "unset",
        needs: ["errorType"],
        ranges: { statusCode: [400, 599] },
        logLines: { min: 2, max: 4 },
      },
      failed: {
        meaning: "A stage threw.",
        tree: "failed",
        rootStatus: "error",
        needs: ["errorType"],
      },
      aborted: {
        meaning: "The client left before its answer was complete.",
        tree: "interrupted",
        rootStatus: "unset",
        ranges: { statusCode: [200, 499] },
      },
      timeout: {
        meaning: "The request took longer than it may.",
        tree: "interrupted",
        rootStatus: "error",
        needs: ["errorType"],
      },
      shutdown: {
        meaning:
          "The server stopped, and the request did not finish in the time that it was given.",
        tree: "interrupted",
        rootStatus: "error",
        needs: ["errorType"],
      },
    },
  },
  invariants: [
    {
      rule: "cache-sum",
      meaning: "Each input token was either found in the cache or missing from it.",
      left: ["prefill.cacheHits", "prefill.cacheMisses"],
      relation: "equals",
      right: ["prefill.tokensIn"],
    },
    {
      rule: "input-kept",
      meaning: "Without retrieval, the model gets the client's input and nothing else.",
      left: ["prefill.tokensIn"],
      relation: "equals",
      right: ["tokenize.tokensIn"],
      unless: "retrieve",
    },
    {
      rule: "input-grows",
      meaning: "Retrieval adds to the input and takes nothing away.",
      left: ["prefill.tokensIn"],
      relation: "at-least",
      right: ["tokenize.tokensIn"],
    },
    {
      rule: "output-kept",
      meaning: "What was generated is what was formatted.",
      left: ["format.tokensOut"],
      relation: "equals",
      right: ["decode.tokensOut"],
    },
    {
      rule: "steps-for-tokens",
      meaning: "A step generates one token at most.",
      left: ["decode.decodeSteps"],
      relation: "at-least",
      right: ["decode.tokensOut"],
    },
    {
      rule: "rerank-keeps",
      meaning: "Reranking keeps some of what was retrieved and adds nothing.",
      left: ["retrieve.docsRetrieved"],
      relation: "at-least",
      right: ["retrieve.docsReranked"],
    },
  ],
});
