import type { MiniserveQueries } from "./terms.ts";
import { thresholds } from "./thresholds.ts";

const microsecondsPerMillisecond = 1000;

/** What clients wait for before anything comes. */
export const waitingQueries: MiniserveQueries = (save) => [
  save("slow-first-token", {
    title: "Slow first token",
    question: "Which clients waited long for the first token?",
    action:
      "Compare with the wait for a slot: a long one means too few slots, a short one means a long prefill or a slow retrieval.",
    severity: "warning",
    tags: ["speed"],
    parameters: { threshold: thresholds.firstToken },
    alert: { windowMinutes: 15, above: 5, forMinutes: 5 },
    ask: (query, values) => {
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
    ask: (query, values) => {
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
