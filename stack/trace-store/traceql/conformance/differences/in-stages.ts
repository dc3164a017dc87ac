import { isArithmetic } from "#traceql";
import {
  isCondition,
  listAggregates,
  listBinaries,
  listFields,
  listParts,
  listStages,
  mentionsField,
} from "../query-parts.ts";
import type { KnownDifference } from "./known-difference.ts";

export const differencesInStages: readonly KnownDifference[] = [
  {
    applies: ({ query }) =>
      listAggregates(query).some(
        ({ of }) =>
          of !== null &&
          mentionsField(of, "span.", "resource.", "any.", "event.", "link.", "instrumentation."),
      ),
    question:
      "`avg(span.f)`, `max(span.x + 1)` where integers and doubles are mixed, or a span lacks it",
    inTempo: "the trace is missed",
    here: "what is a number counts",
  },
  {
    applies: ({ query }) =>
      [
        ...listAggregates(query).map(({ of }) => of),
        ...listBinaries(query).filter(({ operator }) => isArithmetic(operator)),
      ].some((calculated) => mentionsField(calculated, "event:timeSinceStart")),
    question: "`sum(event:timeSinceStart) = 0ns` of spans without events",
    inTempo: "found: a missing event is zero",
    here: "a missing event does not count",
  },
  {
    applies: ({ query: { stages, metrics } }) =>
      listStages(stages).some(
        ({ type }, index, all) => type === "select" && (index < all.length - 1 || metrics !== null),
      ),
    question: "`select()` before another stage",
    inTempo: "what is not selected is missing afterwards",
    here: "`select()` only shows more",
  },
  {
    applies: ({ query: { stages } }) =>
      listStages(stages).some(
        ({ type }, _, all) =>
          (type === "by" || type === "coalesce") &&
          all.some((stage) => mentionsField(stage, "trace:id")),
      ),
    question: "`{ } | by(trace:id)`, `{ trace:id != nil } | coalesce()`",
    inTempo: "one trace with an id of zeros",
    here: "the traces",
  },
  {
    applies: ({ query }) =>
      listParts(query).some(
        (part) =>
          "isUnion" in part &&
          part.isUnion === true &&
          "relation" in part &&
          part.relation === "ancestor",
      ),
    question: "`A &<< B`",
    inTempo: "misses ancestors that are not parents",
    here: "the same spans as `B &>> A`",
  },
  {
    applies: ({ query }) =>
      listParts(query).some((part) => "type" in part && part.type === "structural"),
    question: "children of a span whose own parent is missing",
    inTempo: "related to nothing",
    here: "related, by their ids",
    // Their first six digits after the prefix differ from run to run.
    traces: /^ac\w{6}0*[45]$/,
  },
  {
    applies: ({ query: { stages } }) =>
      listStages(stages).some(
        (stage) =>
          stage.type === "by" &&
          (isCondition(stage.expression) ||
            listFields(stage.expression).some(
              ({ type, name }) => type === "attribute" || /^(event|link|span:parentID)/.test(name),
            )),
      ),
    question:
      "`by(span.x)` of spans without it, where no other condition is asked; `by(span.missing + 1)`",
    inTempo: "they are left out; a group `false`",
    here: "a group `nil`",
  },
];

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
