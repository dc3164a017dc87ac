import type { MiniserveQueries } from "./terms.ts";
import { thresholds } from "./thresholds.ts";

/** Answers that are longer than they may be, or should. */
export const longAnswerQueries: MiniserveQueries = (save) => [
  save("cut-off-by-length", {
    title: "Cut off by length",
    question: "Which answers ended because no more tokens were allowed?",
    action:
      "Raise max_tokens where answers are cut in the middle, or ask for shorter ones; the window of a slot is the last limit.",
    severity: "info",
    tags: ["answers"],
    ask: (query) => {
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
    ask: (query, values) => {
      const found = query.spans("decode", (a) => a.tokensOut.gte(values.threshold));
      return {
        found,
        table: found.select("tokensOut", "stopReason", "decodeSteps", "meanStepMs", "model"),
        count: found.countOverTime(),
      };
    },
  }),
];
