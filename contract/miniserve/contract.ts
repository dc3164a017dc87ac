import { defineContract } from "../define/index.ts";
import { attributes } from "./attributes.ts";
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
  highlights: [
    "outcome",
    "errorType",
    "statusCode",
    "stopReason",
    "timeToFirstTokenUs",
    "slotWaitUs",
    "model",
    "route",
  ],
  waits: [{ name: "waiting for a slot", attribute: "slotWaitUs", before: "prefill", from: 1_000 }],
  outcomes: {
    attribute: "outcome",
    byName: {
      completed: {
        brief: "The answer was sent to its end.",
        tree: "complete",
        rootStatus: "unset",
        ranges: { statusCode: [200, 200] },
        logLines: { min: 4, max: 10 },
      },
      rejected: {
        brief: "The request could not be taken: it was malformed, too large, or one too many.",
        tree: "rejected",
        rootStatus: "unset",
        needs: ["errorType"],
        ranges: { statusCode: [400, 599] },
        logLines: { min: 2, max: 4 },
      },
      failed: {
        brief: "A stage threw.",
        tree: "failed",
        rootStatus: "error",
        needs: ["errorType"],
      },
      aborted: {
        brief: "The client left before its answer was complete.",
        tree: "interrupted",
        rootStatus: "unset",
        ranges: { statusCode: [200, 499] },
      },
      timeout: {
        brief: "The request took longer than it may.",
        tree: "interrupted",
        rootStatus: "error",
        needs: ["errorType"],
      },
      shutdown: {
        brief: "The server stopped, and the request did not finish in the time that it was given.",
        tree: "interrupted",
        rootStatus: "error",
        needs: ["errorType"],
      },
    },
  },
  invariants: [
    {
      rule: "cache-sum",
      brief: "Each input token was either found in the cache or missing from it.",
      left: ["prefill.cacheHits", "prefill.cacheMisses"],
      relation: "equals",
      right: ["prefill.tokensIn"],
    },
    {
      rule: "input-kept",
      brief: "Without retrieval, the model gets the client's input and nothing else.",
      left: ["prefill.tokensIn"],
      relation: "equals",
      right: ["tokenize.tokensIn"],
      unless: "retrieve",
    },
    {
      rule: "input-grows",
      brief: "Retrieval adds to the input and takes nothing away.",
      left: ["prefill.tokensIn"],
      relation: "at-least",
      right: ["tokenize.tokensIn"],
    },
    {
      rule: "output-kept",
      brief: "What was generated is what was formatted.",
      left: ["format.tokensOut"],
      relation: "equals",
      right: ["decode.tokensOut"],
    },
    {
      rule: "steps-for-tokens",
      brief: "A step generates one token at most.",
      left: ["decode.decodeSteps"],
      relation: "at-least",
      right: ["decode.tokensOut"],
    },
    {
      rule: "rerank-keeps",
      brief: "Reranking keeps some of what was retrieved and adds nothing.",
      left: ["retrieve.docsRetrieved"],
      relation: "at-least",
      right: ["retrieve.docsReranked"],
    },
  ],
});

export type Miniserve = typeof miniserve;
