import type { KnownDifference } from "./known-difference.ts";

/** What the data set has that no common sender sends. */
export const differencesInTexts: readonly KnownDifference[] = [
  {
    applies: ({ text }) => text.includes("\\pL{1000}"),
    question: "a regular expression that needs more memory than RE2 gives it, as `\\pL{1000}`",
    inTempo: "answered: Go has another limit",
    here: "refused",
  },
  {
    applies: ({ text }) => text.includes("-corner"),
    question:
      "lists of several types, keys that stand twice, spans that end and events that are before their start, cycles, scopes that differ in attributes alone",
    inTempo:
      "lists are lost, both values count, other spans and events are missed by their times, unrelated, taken for one",
    here: "each element counts, the first value, no duration, a negative time, related by ids, told apart",
  },
];
