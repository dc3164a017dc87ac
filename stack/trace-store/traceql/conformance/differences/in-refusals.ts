import { isArithmetic } from "#traceql";
import {
  hasArray,
  holdsFloat,
  holdsOperator,
  isServiceName,
  listAggregates,
  listBinaries,
  listComparisons,
  listFields,
  listParts,
  mentionsField,
} from "../query-parts.ts";
import type { KnownDifference } from "./known-difference.ts";

/** What Tempo does not take, or fails at. Its words say which of them it is. */
export const differencesInRefusals: readonly KnownDifference[] = [
  {
    applies: ({ text }) => text.includes("\0"),
    refusal: /invalid character NUL/,
    question: "a text with the character NUL itself, not as an escape",
    inTempo: "refused",
    here: "found",
  },
  {
    applies: ({ query }) =>
      listParts(query).some((part) => "type" in part && part.type === "pipeline"),
    refusal: /syntax error: unexpected (?!IDENTIFIER)/,
    question: "`(({ a }) && ({ b } | count() > 1))`: in parentheses, a spanset before a pipeline",
    inTempo: "refused",
    here: "answered",
  },
  {
    applies: ({ query }) =>
      listParts(query).some((part) => "type" in part && part.type === "pipeline"),
    refusal: /not supported for multiple spansets per trace/,
    question: "`({ a } | by(name)) >> { b }`: groups beside a spanset, without `coalesce()`",
    inTempo: "refused, once a trace has several",
    here: "answered, of the spans of all groups",
  },
  {
    applies: ({ query: { metrics } }) =>
      (metrics?.by.length ?? 0) > 4 && /quantile|histogram|avg/.test(metrics?.function ?? ""),
    refusal: /group by 5 values not yet supported/,
    question: "`quantile_over_time(…) by (…)`, `avg_over_time(…) by (…)` of five fields",
    inTempo: "refused",
    here: "answered",
  },
  {
    applies: ({ text }) => /m(in|ax)Int/.test(text),
    refusal: /syntax error: unexpected IDENTIFIER/,
    question: "`count() > minInt`, `rate() > maxInt`",
    inTempo: "refused",
    here: "answered",
  },
  {
    applies: ({ query }) => listAggregates(query).some(({ isOnRight }) => isOnRight),
    refusal: /scalar filter lhs of type .* not yet supported/,
    question: "`2 < count()`",
    inTempo: "refused",
    here: "as `count() > 2`",
  },
  {
    applies: ({ query }) => listFields(query).some(isServiceName),
    refusal: /service\.name cannot be nil/,
    question: "`{ resource.service.name = nil }`",
    inTempo: "refused",
    here: "answered",
  },
  {
    applies: ({ query }) =>
      holdsOperator(query, "!") ||
      listBinaries(query).some(
        ({ operator, left, right }) =>
          operator === "||" && [left, right].some(({ type }) => type === "field"),
      ),
    refusal: /expected a boolean, but got Type/,
    question: "`{ !span.s }`, `{ span.s || duration > 1s }` of a text, a number or nothing",
    inTempo: "the query fails",
    here: "not true",
  },
  {
    applies: ({ query }) => holdsOperator(query, "unary -"),
    refusal: /expected a numeric, but got Type/,
    question: "`-span.k` of a text or of nothing",
    inTempo: "the query fails",
    here: "not true",
  },
  {
    applies: ({ query }) => holdsOperator(query, "/", "%"),
    refusal: /(division|modulo) by zero/,
    question: "`{ span.x / 0 > 1 }`: an integer divided by zero",
    inTempo: "the query fails",
    here: "not true",
  },
  {
    applies: ({ query }) =>
      holdsFloat(query) &&
      mentionsField(
        query,
        "span:childCount",
        "event:timeSinceStart",
        "nestedSetLeft",
        "nestedSetRight",
        "nestedSetParent",
      ),
    refusal: /operand is not int/,
    question: "`{ span:childCount > 1.5 }`, `{ nestedSetLeft > 1.5 }`",
    inTempo: "the query fails",
    here: "numbers are numbers",
  },
  {
    applies: ({ query, getTypes }) =>
      listBinaries(query).some(
        ({ operator, left, right }) =>
          isArithmetic(operator) && (hasArray(left, getTypes) || hasArray(right, getTypes)),
      ),
    refusal: /unsupported operation/,
    question: "`{ span.arr * 2 > 1 }`: an array that is calculated with",
    inTempo: "the query fails",
    here: "no number",
  },
  {
    applies: ({ query, getTypes }) =>
      listBinaries(query).some(
        ({ left, right }) => hasArray(left, getTypes) && right.type !== "literal",
      ),
    refusal: /array operators must consist of|unsupported operation/,
    question: "`{ span.arr = span.arr }`: an array beside an array",
    inTempo: "the query fails",
    here: "each element with each",
  },
  {
    applies: ({ query, getTypes }) =>
      listComparisons(query).some(
        ({ operator, left }) => /~$/.test(operator) && hasArray(left, getTypes),
      ),
    refusal: /unexpected numbers of pre-compiled regexp/,
    question:
      '`{ span.x = 3 || span.arr =~ "a" }`: a pattern for an array beside another condition',
    inTempo: "the query fails",
    here: "answered",
  },
];
