import type { Contract } from "../define/contract.ts";
import { type SavedQueryGroup, serviceQueries } from "../queries/index.ts";
import { milliseconds } from "../traceql/index.ts";
import { attributes } from "./attributes.ts";
import type { logEvents } from "./log-events.ts";
import type { resource } from "./resource.ts";
import type { spans } from "./spans.ts";
import { thresholds } from "./thresholds.ts";

/** The words of this contract: its identifiers and types, whatever the names on the wire. */
type MiniserveTerms = Contract<typeof attributes, typeof spans, typeof logEvents, typeof resource>;

type MiniserveQueries = SavedQueryGroup<MiniserveTerms>;

/** Single requests, and how they ended where there is more to say than of any contract. */
const requestQueries: MiniserveQueries = (save) => [
  save("one-request", {
    title: "One request",
    question: "What happened to the request with this id?",
    action: "Open its trace; npm run stack:logs has its lines under the same trace id.",
    severity: "info",
    tags: ["requests"],
    parameters: {
      request: {
        brief: "The id of the answer, as the client got it.",
        default: attributes.requestId.examples[0] ?? "",
        isRequired: true,
      },
    },
    build: (query, values) => {
      const found = query.spans("handler", (a) => a.requestId.eq(values.request));
      return {
        found,
        table: found.select("requestId", "outcome", "statusCode", "errorType", "route", "model"),
      };
    },
  }),
  save("aborted-requests", {
    title: "Aborted by the client",
    question: "Which clients left before their answer was complete?",
    action:
      "Compare with the first token and the wait for a slot: clients that leave early have waited too long, or have a shorter limit of their own.",
    severity: "info",
    tags: ["outcomes"],
    build: (query) => {
      const found = query.spans("handler", (a) => a.outcome.eq("aborted"));
      return {
        found,
        table: found.select("timeToFirstTokenUs", "slotWaitUs", "statusCode", "streamed", "route"),
        count: found.countOverTime(),
      };
    },
  }),
];

/** Answers without a token. */
const emptyAnswerQueries: MiniserveQueries = (save) => [
  save("empty-completions", {
    title: "Empty completions",
    question: "Which requests generated no token, for whatever reason?",
    action:
      "Look at the stop reason: abort and error explain themselves, length means that no token was asked for. What is left is in Empty answers.",
    severity: "info",
    tags: ["answers"],
    parameters: { threshold: thresholds.emptyTokens },
    build: (query, values) => {
      // Of every span that says so, as a client of Tempo would write it by hand; counted once.
      const found = query.anySpan((a) =>
        values.threshold === 0 ? a.tokensOut.eq(0) : a.tokensOut.lte(values.threshold),
      );
      const counted = query.spans("decode", (a) =>
        values.threshold === 0 ? a.tokensOut.eq(0) : a.tokensOut.lte(values.threshold),
      );
      const table = found.select(
        query.span.name,
        "stopReason",
        "decodeSteps",
        "model",
        "outputFormat",
      );
      return { found, table, count: counted.countOverTime() };
    },
  }),
  save("empty-answers", {
    title: "Empty answers",
    question: "Which requests ran to their end and still generated no token?",
    action:
      "The model ended at once: look at the chat template, the stop strings and the tokens that went in. With the stop reason length, the client asked for none.",
    severity: "warning",
    tags: ["answers"],
    alert: { windowMinutes: 15, above: 0, forMinutes: 0 },
    build: (query) => {
      const found = query.spans("decode", (a) =>
        a.tokensOut.eq(0).and(a.stopReason.ne("abort"), a.stopReason.ne("error")),
      );
      const table = found.select("stopReason", "decodeSteps", "model");
      return { found, table, count: found.countOverTime() };
    },
  }),
  save("much-in-nothing-out", {
    title: "Much in, nothing out",
    question: "Which requests brought a large input and got no token back?",
    action:
      "A candidate for prompt injection, or an input that makes the model end at once: see who sends it, how often, and whether retrieval put it there.",
    severity: "warning",
    tags: ["answers", "security"],
    parameters: { threshold: thresholds.largeInput },
    alert: { windowMinutes: 15, above: 0, forMinutes: 0 },
    build: (query, values) => {
      // Two stages of one request have the same parent, also where a trace holds several requests.
      const large = query.spans("prefill", (a) => a.tokensIn.gt(values.threshold));
      const empty = query.spans("decode", (a) => a.tokensOut.eq(0));
      const found = empty.related("sibling", large);
      const both = empty.related("sibling", large, { keep: "both" });
      return {
        found,
        table: both.select(query.span.name, "tokensIn", "tokensOut", "stopReason", "model"),
        count: found.countOverTime(),
      };
    },
  }),
];

/** Answers that are longer than they may be, or should. */
const longAnswerQueries: MiniserveQueries = (save) => [
  save("cut-off-by-length", {
    title: "Cut off by length",
    question: "Which answers ended because no more tokens were allowed?",
    action:
      "Raise max_tokens where answers are cut in the middle, or ask for shorter ones; the window of a slot is the last limit.",
    severity: "info",
    tags: ["answers"],
    build: (query) => {
      const found = query.spans("decode", (a) => a.stopReason.eq("length"));
      return {
        found,
        table: found.select("stopReason", "tokensOut", "decodeSteps", "model"),
        count: found.countOverTime(),
      };
    },
  }),
  save("runaway-generation", {
    title: "Runaway generation",
    question: "Which answers are longer than any should be?",
    action:
      "A model that does not find its end holds a slot for long: set max_tokens and stop strings, and look for inputs that make it repeat itself.",
    severity: "warning",
    tags: ["answers", "speed"],
    parameters: { threshold: thresholds.runawayTokens },
    build: (query, values) => {
      const found = query.spans("decode", (a) => a.tokensOut.gte(values.threshold));
      return {
        found,
        table: found.select("tokensOut", "stopReason", "decodeSteps", "meanStepMs", "model"),
        count: found.countOverTime(),
      };
    },
  }),
];

/** Answers that call tools. */
const toolQueries: MiniserveQueries = (save) => [
  save("tool-calls", {
    title: "Calls of tools",
    question: "Which answers end with calls of tools, and with how many?",
    action:
      "If clients offer tools and nothing is found, improve the descriptions, ask with tool_choice required, or take a model that was trained for tools.",
    severity: "info",
    tags: ["answers"],
    build: (query) => {
      const found = query.spans("decode", (a) => a.stopReason.eq("tool_calls"));
      return {
        found,
        table: found.select("toolCalls", "stopReason", "tokensOut", "decodeSteps", "model"),
        count: found.countOverTime(),
      };
    },
  }),
];

/** Where the time goes once the model works. */
const speedQueries: MiniserveQueries = (save) => [
  save("slow-decode-steps", {
    title: "Slow decode steps",
    question: "Which answers came slowly, step by step?",
    action:
      "Look at how many requests ran at that time, and at the machine: too many slots, too few threads, memory that is swapped out.",
    severity: "warning",
    tags: ["speed"],
    parameters: { threshold: thresholds.decodeStep },
    build: (query, values) => {
      const found = query.spans("decode", (a) => a.meanStepMs.gt(values.threshold));
      return {
        found,
        table: found.select("meanStepMs", "decodeSteps", "tokensOut", "model"),
        count: found.countOverTime(),
      };
    },
  }),
  save("prefill-dominates", {
    title: "Prefill that dominates",
    question: "In which traces does the reading of the input take most of the time?",
    action:
      "Put what inputs have in common at their beginning, so that the prefix cache of a slot holds it; retrieve fewer passages.",
    severity: "info",
    tags: ["speed", "cache"],
    parameters: { threshold: thresholds.prefillShare, atLeastMs: thresholds.prefillAtLeast },
    build: (query, values) => {
      const found = query.spans("prefill", (_, { duration, traceDuration }) =>
        duration
          .gte(milliseconds(values.atLeastMs))
          .and(duration.gt(traceDuration.mul(values.threshold / 100))),
      );
      return {
        found,
        table: found.select("tokensIn", "cacheHits", "cacheMisses", "model"),
        count: found.countOverTime(),
      };
    },
  }),
  save("cold-cache", {
    title: "Cold cache on large inputs",
    question: "Which large inputs had nothing in the prefix cache?",
    action:
      "Expected after a start. Otherwise conversations change at their beginning, or come back to a slot that another one has used.",
    severity: "info",
    tags: ["speed", "cache"],
    parameters: { threshold: thresholds.cacheableInput },
    build: (query, values) => {
      const found = query.spans("prefill", (a) =>
        a.cacheHits.eq(0).and(a.tokensIn.gte(values.threshold)),
      );
      return {
        found,
        table: found.select("tokensIn", "cacheHits", "cacheMisses", "model"),
        count: found.countOverTime(),
      };
    },
  }),
];

const microsecondsPerMillisecond = 1000;

/** What clients wait for before anything comes. */
const waitingQueries: MiniserveQueries = (save) => [
  save("slow-first-token", {
    title: "Slow first token",
    question: "Which clients waited long for the first token?",
    action:
      "Compare with the wait for a slot: a long one means too few slots, a short one means a long prefill or a slow retrieval.",
    severity: "warning",
    tags: ["speed"],
    parameters: { threshold: thresholds.firstToken },
    alert: { windowMinutes: 15, above: 5, forMinutes: 5 },
    build: (query, values) => {
      const found = query.spans("handler", (a) =>
        a.timeToFirstTokenUs.gt(values.threshold * microsecondsPerMillisecond),
      );
      return {
        found,
        table: found.select("timeToFirstTokenUs", "slotWaitUs", "route", "outcome", "model"),
        count: found.countOverTime(),
      };
    },
  }),
  save("waiting-for-slot", {
    title: "Waiting for a slot",
    question: "Which requests waited long until the model had a place for them?",
    action:
      "More requests run than the model has slots: add slots where memory allows it, or shorten what runs away.",
    severity: "warning",
    tags: ["speed", "capacity"],
    parameters: { threshold: thresholds.slotWait },
    build: (query, values) => {
      const found = query.spans("handler", (a) =>
        a.slotWaitUs.gt(values.threshold * microsecondsPerMillisecond),
      );
      return {
        found,
        table: found.select("slotWaitUs", "timeToFirstTokenUs", "route", "outcome", "model"),
        count: found.countOverTime(),
      };
    },
  }),
];

const retrievalQueries: MiniserveQueries = (save) => [
  save("slow-retrieval", {
    title: "Slow retrieval",
    question: "Which requests waited long for their passages?",
    action: "See which of the stages below took the time: embedding, search or reranking.",
    severity: "warning",
    tags: ["retrieval", "speed"],
    parameters: { threshold: thresholds.retrieval },
    build: (query, values) => {
      const found = query.spans("retrieve", (_, span) =>
        span.duration.gt(milliseconds(values.threshold)),
      );
      return {
        found,
        table: found.select("indexName", "docsRetrieved", "docsReranked"),
        count: found.countOverTime(),
      };
    },
  }),
  save("retrieval-found-nothing", {
    title: "Retrieval that found nothing",
    question: "Which requests looked for passages and found none?",
    action: "The index is empty, or not the one that was meant: build it again with npm run index.",
    severity: "warning",
    tags: ["retrieval"],
    build: (query) => {
      const found = query.spans("retrieve", (a) => a.docsRetrieved.eq(0));
      return {
        found,
        table: found.select("indexName", "docsRetrieved", "docsReranked"),
        count: found.countOverTime(),
      };
    },
  }),
  save("rerank-kept-nothing", {
    title: "Reranking that kept nothing",
    question: "Which requests found passages, none of which was good enough?",
    action:
      "The question is not about what the index holds, or the threshold of the ranker is too high.",
    severity: "info",
    tags: ["retrieval"],
    build: (query) => {
      const found = query.spans("retrieve", (a) => a.docsRetrieved.gt(0).and(a.docsReranked.eq(0)));
      return {
        found,
        table: found.select("indexName", "docsRetrieved", "docsReranked"),
        count: found.countOverTime(),
      };
    },
  }),
];

/**
 * The questions that are asked of miniserve's traces again and again. Those that any contract has are
 * in `queries/`: failed stages, outcomes, slow requests, orphans, incomplete trees, broken sums.
 */
export const savedQueries = serviceQueries<MiniserveTerms>((save) => [
  ...emptyAnswerQueries(save),
  ...longAnswerQueries(save),
  ...toolQueries(save),
  ...requestQueries(save),
  ...waitingQueries(save),
  ...speedQueries(save),
  ...retrievalQueries(save),
]);
