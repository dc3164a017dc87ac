import type { MiniserveQueries } from "./terms.ts";
import { thresholds } from "./thresholds.ts";

/** Answers without a token. */
export const emptyAnswerQueries: MiniserveQueries = (save) => [
  save("empty-completions", {
    title: "Empty completions",
    question: "Which requests generated no token, for whatever reason?",
    action:
      "Look at the stop reason: abort and error explain themselves, length means that no token was asked for. What is left is in Empty answers.",
    severity: "info",
    tags: ["answers"],
    parameters: { threshold: thresholds.emptyTokens },
    ask: (query, values) => {
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
    ask: (query) => {
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
    ask: (query, values) => {
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
