/**
 * For tests: requests that go well, each anomaly that a saved query is about, and what looks like one.
 * Each says which queries must find it, with how many spans their count form counts of it.
 */
import { type PlantedRequest, randomHex, type SpanName, withoutRetrieval } from "./plant.ts";

interface Plant {
  /** The requests of one trace. */
  readonly requests: readonly PlantedRequest[];
  readonly foundBy: Readonly<Record<string, number>>;
  /** What Tempo 3.0.3 answers instead: it relates no spans of a trace whose first span it has not. */
  readonly foundInTempoBy?: Readonly<Record<string, number>>;
}

const retrieval: readonly SpanName[] = ["retrieve", "embedQuery", "vectorSearch", "rerank"];
const wholeButOne = { decode: { values: { tokensOut: 0, decodeSteps: 1 } } } as const;
const noToken = { ...wholeButOne, format: { values: { tokensOut: 0 } } } as const;

/** An outcome that leaves no answer. */
function ended(outcome: string, hasFailed: boolean, errorType?: string) {
  const values = { outcome, statusCode: hasFailed ? 500 : 499 };
  return { hasFailed, values: errorType === undefined ? values : { ...values, errorType } };
}

function one(request: PlantedRequest, ...foundBy: readonly string[]): Plant {
  return { requests: [request], foundBy: Object.fromEntries(foundBy.map((id) => [id, 1])) };
}

/** The id that `one-request` is asked for. */
export const wantedRequestId = `chatcmpl-${randomHex(16)}`;

const wellDone: Readonly<Record<string, Plant>> = {
  "all went well": one({}),
  "with retrieval": one({ additional: retrieval }),
  "with sampled steps": one({ additional: ["decodeStep"] }),
  "below a span of its client": {
    requests: [{ hasRemoteParent: true }],
    foundBy: {},
    foundInTempoBy: { orphans: 4 },
  },
  "of another service": one({ service: "another", changes: noToken, lost: ["handler"] }),
  "the wanted id": one(
    { changes: { handler: { values: { requestId: wantedRequestId } } } },
    "one-request",
  ),
};

const answers: Readonly<Record<string, Plant>> = {
  "no token": one({ changes: noToken }, "empty-completions", "empty-answers"),
  "no token asked for": one(
    {
      changes: {
        ...noToken,
        decode: {
          values: { tokensOut: 0, decodeSteps: 0, meanStepMs: 0, stopReason: "length" },
        },
      },
    },
    "empty-completions",
    "empty-answers",
    "cut-off-by-length",
  ),
  "a large input, no token": one(
    {
      changes: {
        ...noToken,
        tokenize: { values: { tokensIn: 1500 } },
        prefill: { values: { tokensIn: 1500, cacheHits: 1400, cacheMisses: 100 } },
      },
    },
    "empty-completions",
    "empty-answers",
    "much-in-nothing-out",
  ),
  "a large input in one request, no token in another of the trace": {
    requests: [
      {
        changes: {
          tokenize: { values: { tokensIn: 1500 } },
          prefill: { values: { tokensIn: 1500, cacheHits: 1400, cacheMisses: 100 } },
        },
      },
      { changes: noToken },
    ],
    foundBy: { "empty-completions": 1, "empty-answers": 1 },
  },
  "cut off": one(
    { changes: { decode: { values: { stopReason: "length" } } } },
    "cut-off-by-length",
  ),
  runaway: one(
    {
      changes: {
        decode: { values: { tokensOut: 1000, decodeSteps: 1001 } },
        format: { values: { tokensOut: 1000 } },
      },
    },
    "runaway-generation",
  ),
};

const outcomes: Readonly<Record<string, Plant>> = {
  "aborted before a token": one(
    {
      changes: {
        handler: ended("aborted", false),
        decode: { values: { tokensOut: 0, decodeSteps: 0, stopReason: "abort" } },
      },
      lost: ["format"],
    },
    "empty-completions",
    "aborted-requests",
  ),
  "failed in decode": one(
    {
      changes: {
        handler: ended("failed", true, "engine_failed"),
        decode: { hasFailed: true, values: { tokensOut: 0, decodeSteps: 0, stopReason: "error" } },
      },
      lost: ["format"],
    },
    "empty-completions",
    "failed-stages",
    "failed-requests",
  ),
  "failed in rerank": one(
    {
      changes: {
        handler: ended("failed", true, "retrieval_failed"),
        retrieve: { hasFailed: true },
        rerank: { hasFailed: true },
      },
      additional: retrieval,
      lost: ["prefill", "decode", "format"],
    },
    "failed-stages",
    "failed-requests",
  ),
  "failed between stages": one(
    {
      changes: { handler: ended("failed", true, "internal_error") },
      lost: ["prefill", "decode", "format"],
    },
    "failed-stages",
    "failed-requests",
  ),
  rejected: one(
    {
      changes: { handler: ended("rejected", false, "context_length_exceeded") },
      lost: ["prefill", "decode", "format"],
    },
    "rejected-requests",
  ),
  "timed out": one(
    { changes: { handler: ended("timeout", true, "timeout") }, lost: ["decode", "format"] },
    "timeout-requests",
  ),
  "shut down": one(
    { changes: { handler: ended("shutdown", true, "shutdown") }, lost: ["decode", "format"] },
    "shutdown-requests",
  ),
};

const speed: Readonly<Record<string, Plant>> = {
  "slow first token": one(
    { changes: { handler: { values: { timeToFirstTokenUs: 2_000_001 } } } },
    "slow-first-token",
  ),
  "at the limit of the first token": one({
    changes: { handler: { values: { timeToFirstTokenUs: 2_000_000 } } },
  }),
  "waited for a slot": one(
    { changes: { handler: { values: { slotWaitUs: 1_500_000, timeToFirstTokenUs: 1_600_000 } } } },
    "waiting-for-slot",
  ),
  "slow steps": one(
    { changes: { decode: { values: { meanStepMs: 150.5 } } } },
    "slow-decode-steps",
  ),
  "slow steps, a whole number": one(
    { changes: { decode: { values: { meanStepMs: 150 } } } },
    "slow-decode-steps",
  ),
  "prefill that dominates": one(
    { changes: { handler: { milliseconds: 1500 }, prefill: { milliseconds: 900 } } },
    "prefill-dominates",
  ),
  "a long prefill that does not": one({
    changes: {
      handler: { milliseconds: 3000 },
      prefill: { milliseconds: 900 },
      decode: { milliseconds: 2000 },
    },
  }),
  "cold cache": one(
    {
      changes: {
        tokenize: { values: { tokensIn: 600 } },
        prefill: { values: { tokensIn: 600, cacheHits: 0, cacheMisses: 600 } },
      },
    },
    "cold-cache",
  ),
  "slow request": one(
    { changes: { handler: { milliseconds: 10_001 }, decode: { milliseconds: 9500 } } },
    "slow-requests",
  ),
  "slow retrieval": one(
    {
      additional: retrieval,
      changes: { handler: { milliseconds: 3000 }, retrieve: { milliseconds: 1500 } },
    },
    "slow-retrieval",
  ),
  "found nothing": one(
    {
      additional: retrieval,
      changes: { retrieve: { values: { docsRetrieved: 0, docsReranked: 0 } } },
    },
    "retrieval-found-nothing",
  ),
  "kept nothing": one(
    { additional: retrieval, changes: { retrieve: { values: { docsReranked: 0 } } } },
    "rerank-kept-nothing",
  ),
};

/** What a correct server never sends. */
const wrong: Readonly<Record<string, Plant>> = {
  "its handler was lost": { requests: [{ lost: ["handler"] }], foundBy: { orphans: 4 } },
  "its retrieval was lost": {
    requests: [{ additional: retrieval, lost: ["retrieve"] }],
    foundBy: { orphans: 3 },
  },
  "its decode was lost": one({ lost: ["decode"] }, "incomplete-trees"),
  "its decode was lost, below a span of its client": {
    requests: [{ hasRemoteParent: true, lost: ["decode"] }],
    foundBy: { "incomplete-trees": 1 },
    foundInTempoBy: { orphans: 3 },
  },
  "all stages were lost": one({ lost: withoutRetrieval.slice(1) }, "incomplete-trees"),
  "two stages were lost": one({ lost: ["tokenize", "format"] }, "incomplete-trees"),
  "lost beside a whole request of the trace": {
    requests: [{}, { lost: ["prefill"] }],
    foundBy: { "incomplete-trees": 1 },
  },
  "the cache does not add up": one(
    { changes: { prefill: { values: { cacheHits: 6 } } } },
    "broken-sums",
  ),
  "more tokens than steps": one(
    { changes: { decode: { values: { decodeSteps: 7 } } } },
    "broken-sums",
  ),
  "more kept than found": one(
    { additional: retrieval, changes: { retrieve: { values: { docsReranked: 9 } } } },
    "broken-sums",
  ),
};

export const plants: Readonly<Record<string, Plant>> = {
  ...wellDone,
  ...answers,
  ...outcomes,
  ...speed,
  ...wrong,
};
