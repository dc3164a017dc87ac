import type { Expression } from "#traceql";
import { hasColumn, isConstant, listConditions, mentionsField } from "../query-parts.ts";
import type { KnownDifference } from "./known-difference.ts";

export const differencesInMetrics: readonly KnownDifference[] = [
  {
    applies: ({ query }) =>
      query.metrics !== null &&
      listConditions(query).some((one) => isConstant(one) && !isTrue(one)),
    question: "`{ false } | rate()`",
    inTempo: "no series",
    here: "a series of zeros, as where nothing is found",
  },
  {
    applies: ({ query: { metrics } }) => metrics?.function === "compare",
    question: "`compare()`",
    inTempo:
      "attributes of its own filter count twice; lists well-known attributes that no span has; does not say where there are too many values",
    here: "each once, those that there are; `__meta_error` as documented",
  },
  {
    applies: ({ query: { metrics } }) =>
      metrics?.function === "sum_over_time" && metrics.of?.type === "attribute",
    question: "`sum_over_time` of an attribute",
    inTempo: "too small",
    here: "the sum",
  },
  {
    applies: ({ query: { metrics } }) =>
      /quantile|histogram/.test(metrics?.function ?? "") && metrics?.of?.type === "attribute",
    question:
      "quantiles and histograms of numbers below 2, of durations below 2 ns, and of doubles",
    inTempo: "left out, without a word",
    here: "counted",
  },
  {
    applies: ({ query: { metrics } }) =>
      metrics?.of?.type === "intrinsic" && metrics.of.name !== "span:duration",
    question: "`avg_over_time(traceDuration)`, `avg_over_time(event:timeSinceStart)`",
    inTempo: "nanoseconds; a missing event is zero",
    here: "seconds, as of `duration`; a missing event does not count",
  },
  {
    applies: ({ query: { metrics }, getTypes, text }) =>
      text.endsWith("avg_over_time(name)") ||
      (metrics?.of?.type === "attribute" && getTypes(metrics.of.name).has("array")),
    question: "`avg_over_time` of an array or a name",
    inTempo: "nothing",
    here: "nothing, or refused",
  },
  {
    applies: ({ query: { seriesStages } }) => seriesStages.some(({ type }) => type !== "threshold"),
    question: "`topk`, `bottomk` where values are equal",
    inTempo: "any of them",
    here: "the first by their labels",
  },
  {
    applies: ({ query: { metrics } }) => (metrics?.by ?? []).some(({ name }) => /["\\]/.test(name)),
    question: "labels of attributes with a quote or a backslash in the name",
    inTempo: "written as they are",
    here: "written so that they can be read again",
  },
  {
    applies: ({ query: { metrics } }) =>
      (metrics?.by.length ?? 0) > 1 && (metrics?.by ?? []).some(hasColumn),
    question: "labels of attributes with a dedicated column, which a span lacks, beside others",
    inTempo: "the text `nil`",
    here: "left out, as any label that is missing",
  },
  {
    applies: ({ query: { metrics }, getTypes }) =>
      (metrics?.by ?? []).some(
        (field) =>
          mentionsField(field, "event.", "link.", "event:name", "event:timeSinceStart") ||
          (field.type === "attribute" && getTypes(field.name).has("array")),
      ),
    question: "`by (span.arr)` of an array, `by (event:name)` of a span without events",
    inTempo: "metrics know only arrays of one element; an empty text",
    here: "each array is a value; `nil`",
  },
];

function isTrue(expression: Expression): boolean {
  return (
    expression.type === "literal" &&
    "value" in expression.literal &&
    expression.literal.value === true
  );
}
