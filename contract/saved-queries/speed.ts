import { milliseconds } from "../traceql/index.ts";
import type { MiniserveQueries } from "./terms.ts";
import { thresholds } from "./thresholds.ts";

/** Where the time goes once the model works. */
export const speedQueries: MiniserveQueries = (save) => [
  save("slow-decode-steps", {
    title: "Slow decode steps",
    question: "Which answers came slowly, step by step?",
    action:
      "Look at how many requests ran at that time, and at the machine: too many slots, too few threads, memory that is swapped out.",
    severity: "warning",
    tags: ["speed"],
    parameters: { threshold: thresholds.decodeStep },
    ask: (query, values) => {
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
    ask: (query, values) => {
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
    ask: (query, values) => {
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
