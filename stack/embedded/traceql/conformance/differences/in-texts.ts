import { partsOf } from "../query-parts.ts";
import type { KnownDifference } from "./known-difference.ts";

/** What one of the two refuses; and what the data set has that no common sender sends. */
export const differencesInTexts: readonly KnownDifference[] = [
  {
    applies: ({ text }) => text.includes("\0"),
    question: "a text with the character NUL itself, not as an escape",
    inTempo: "refused",
    here: "found",
  },
  {
    applies: ({ query }) =>
      partsOf(query).some((part) => "type" in part && part.type === "pipeline"),
    question: "`(({ a }) && ({ b } | count() > 1))`: in parentheses, a spanset before a pipeline",
    inTempo: "refused",
    here: "answered",
  },
  {
    applies: ({ text }) => text.includes("\\pL{1000}"),
    question: "a regular expression that needs more memory than RE2 gives it, as `\\pL{1000}`",
    inTempo: "answered: Go has another limit",
    here: "refused",
  },
  {
    applies: ({ text }) => text.includes("-corner"),
    question:
      "lists of several types, keys that stand twice, spans that end before they start, cycles",
    inTempo: "lists are lost, both values count, other spans are missed, unrelated",
    here: "each element counts, the first value, no duration, related by ids",
  },
];
