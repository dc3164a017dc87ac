import { isOfMainKind, listChildren, type Span } from "#contract";
import { miniserve } from "#miniserve";
import {
  completeRequest,
  type RequestOverrides,
  randomHex,
} from "../support/traces/complete-request.ts";

/**
 * For tests: requests that go well, each anomaly that a saved query is about, and what looks like one.
 * Each says which queries must find it, with how many spans their count form counts of it.
 */

type SpanName = keyof typeof miniserve.spans;
/** What differs of a request from one that goes well. */
export type SeededRequest = RequestOverrides<SpanName>;

interface Plant {
  /** The requests of one trace. */
  readonly requests: readonly SeededRequest[];
  readonly foundBy: Readonly<Record<string, number>>;
  /** What Tempo 3.0.3 answers instead: it relates no spans of a trace whose first span it has not. */
  readonly foundInTempoBy?: Readonly<Record<string, number>>;
}

/** The spans of a request that asks for nothing special, without its root. */
const stages = listChildren(miniserve, miniserve.spans.handler)
  .filter((stage) => stage.presence === "always" && isOfMainKind(miniserve, stage))
  .map(({ identifier }) => identifier as SpanName);
const noToken = { decode: { values: { tokensOut: 0 } } } as const;
const largeInput = { tokenize: { values: { tokensIn: 1500 } } } as const;
const nothingBefore = { values: { tokensOut: 0, decodeSteps: 0 } } as const;

function one(request: SeededRequest, ...foundBy: readonly string[]): Plant {
  return { requests: [request], foundBy: Object.fromEntries(foundBy.map((id) => [id, 1])) };
}

/** The spans of requests in one trace. */
export function createTraceSpans(
  requests: readonly SeededRequest[],
  startMs: number,
  { contract = miniserve, ...given }: SeededRequest & { readonly contract?: typeof miniserve } = {},
): Span[] {
  const { traceId = randomHex(16) } = given;
  const startTimeUnixNano = BigInt(startMs) * 1_000_000n;
  return requests.flatMap((request) =>
    completeRequest(contract, { ...given, startTimeUnixNano, ...request, traceId }),
  );
}

/** The id that `one-request` is asked for. */
export const wantedRequestId = `chatcmpl-${randomHex(16)}`;

const wellDone: Readonly<Record<string, Plant>> = {
  "all went well": one({}),
  "with retrieval": one({ with: ["retrieve"] }),
  "with sampled steps": one({ with: ["decodeStep"] }),
  "below a span of its client": {
    requests: [{ parentSpanId: randomHex(8) }],
    foundBy: {},
    foundInTempoBy: { orphans: stages.length },
  },
  "of another service": one({ service: "another", spans: noToken, without: ["handler"] }),
  "the wanted id": one(
    { spans: { handler: { values: { requestId: wantedRequestId } } } },
    "one-request",
  ),
};

const answers: Readonly<Record<string, Plant>> = {
  "no token": one({ spans: noToken }, "empty-completions", "empty-answers"),
  "no token asked for": one(
    {
      spans: {
        decode: { values: { ...nothingBefore.values, meanStepMs: 0, stopReason: "length" } },
      },
    },
    "empty-completions",
    "empty-answers",
    "cut-off-by-length",
  ),
  "a large input, no token": one(
    {
      spans: { ...noToken, ...largeInput },
    },
    "empty-completions",
    "empty-answers",
    "much-in-nothing-out",
  ),
  "a large input in one request, no token in another of the trace": {
    requests: [{ spans: largeInput }, { spans: noToken }],
    foundBy: { "empty-completions": 1, "empty-answers": 1 },
  },
  "cut off": one({ spans: { decode: { values: { stopReason: "length" } } } }, "cut-off-by-length"),
  "calls of tools": one(
    { spans: { decode: { values: { toolCalls: 2, stopReason: "tool_calls" } } } },
    "tool-calls",
  ),
  "tools, and no call": one({
    spans: { decode: { values: { toolCalls: 0, stopReason: "stop" } } },
  }),
  runaway: one(
    {
      spans: {
        decode: { values: { tokensOut: 1000 } },
      },
    },
    "runaway-generation",
  ),
};

const outcomes: Readonly<Record<string, Plant>> = {
  "aborted before a token": one(
    { outcome: "aborted", cut: "decode", spans: { decode: nothingBefore } },
    "empty-completions",
    "aborted-requests",
  ),
  "failed in decode": one(
    { outcome: "failed", cut: "decode", spans: { decode: nothingBefore } },
    "empty-completions",
    "failed-stages",
    "failed-requests",
  ),
  "failed in rerank": one({ outcome: "failed", cut: "rerank" }, "failed-stages", "failed-requests"),
  "failed between stages": one(
    { outcome: "failed", last: "tokenize" },
    "failed-stages",
    "failed-requests",
  ),
  rejected: one({ outcome: "rejected", last: "tokenize" }, "rejected-requests"),
  "timed out": one({ outcome: "timeout", last: "prefill" }, "timeout-requests"),
  "shut down": one({ outcome: "shutdown", last: "prefill" }, "shutdown-requests"),
};

const speed: Readonly<Record<string, Plant>> = {
  "slow first token": one(
    { spans: { handler: { values: { timeToFirstTokenUs: 2_000_001 } } } },
    "slow-first-token",
  ),
  "at the limit of the first token": one({
    spans: { handler: { values: { timeToFirstTokenUs: 2_000_000 } } },
  }),
  "waited for a slot": one(
    { spans: { handler: { values: { slotWaitUs: 1_500_000, timeToFirstTokenUs: 1_600_000 } } } },
    "waiting-for-slot",
  ),
  "slow steps": one({ spans: { decode: { values: { meanStepMs: 150.5 } } } }, "slow-decode-steps"),
  "slow steps, a whole number": one(
    { spans: { decode: { values: { meanStepMs: 150 } } } },
    "slow-decode-steps",
  ),
  "prefill that dominates": one(
    { spans: { handler: { milliseconds: 1500 }, prefill: { milliseconds: 900 } } },
    "prefill-dominates",
  ),
  "a long prefill that does not": one({
    spans: {
      handler: { milliseconds: 3000 },
      prefill: { milliseconds: 900 },
      decode: { milliseconds: 2000 },
    },
  }),
  "cold cache": one(
    {
      spans: {
        tokenize: { values: { tokensIn: 600 } },
        prefill: { values: { cacheHits: 0, cacheMisses: 600 } },
      },
    },
    "cold-cache",
  ),
  "slow request": one(
    { spans: { handler: { milliseconds: 10_001 }, decode: { milliseconds: 9500 } } },
    "slow-requests",
  ),
  "slow retrieval": one(
    {
      with: ["retrieve"],
      spans: { handler: { milliseconds: 3000 }, retrieve: { milliseconds: 1500 } },
    },
    "slow-retrieval",
  ),
  "found nothing": one(
    {
      with: ["retrieve"],
      spans: { retrieve: { values: { docsRetrieved: 0, docsReranked: 0 } } },
    },
    "retrieval-found-nothing",
  ),
  "kept nothing": one(
    { with: ["retrieve"], spans: { retrieve: { values: { docsReranked: 0 } } } },
    "rerank-kept-nothing",
  ),
};

/** What a correct server never sends. */
const wrong: Readonly<Record<string, Plant>> = {
  "its handler was lost": {
    requests: [{ without: ["handler"] }],
    foundBy: { orphans: stages.length },
  },
  "its retrieval was lost": {
    requests: [{ with: ["retrieve"], without: ["retrieve"] }],
    foundBy: { orphans: listChildren(miniserve, miniserve.spans.retrieve).length },
  },
  "its decode was lost": one({ without: ["decode"] }, "incomplete-trees"),
  "its decode was lost, below a span of its client": {
    requests: [{ parentSpanId: randomHex(8), without: ["decode"] }],
    foundBy: { "incomplete-trees": 1 },
    foundInTempoBy: { orphans: stages.length - 1 },
  },
  "for vectors": one({ spans: { handler: { values: { route: "/v1/embeddings" } } } }),
  "for an order": one({ spans: { handler: { values: { route: "/v1/rerank" } } } }),
  "for vectors, and the stage that makes them was lost": one(
    { spans: { handler: { values: { route: "/v1/embeddings" } } }, without: ["embedInput"] },
    "incomplete-trees",
  ),
  "for scores, and the stage that makes them was lost": one(
    { spans: { handler: { values: { route: "/v1/rerank" } } }, without: ["rerankInput"] },
    "incomplete-trees",
  ),
  "all stages were lost": one({ without: stages }, "incomplete-trees"),
  "two stages were lost": one({ without: ["tokenize", "format"] }, "incomplete-trees"),
  "lost beside a whole request of the trace": {
    requests: [{}, { without: ["prefill"] }],
    foundBy: { "incomplete-trees": 1 },
  },
  "the cache does not add up": one(
    { spans: { prefill: { values: { cacheHits: 6 } } } },
    "broken-sums",
  ),
  "more tokens than steps": one(
    { spans: { decode: { values: { decodeSteps: 7 } } } },
    "broken-sums",
  ),
  "more kept than found": one(
    { with: ["retrieve"], spans: { retrieve: { values: { docsRetrieved: 8, docsReranked: 9 } } } },
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
