/** Where a Tempo 3.0.3 answers otherwise, and why ours stays as it is. */
export interface KnownDifference {
  /** Of the query's text. */
  readonly pattern: RegExp;
  /** What is asked, for a table. */
  readonly question: string;
  readonly inTempo: string;
  readonly here: string;
  /** Of the ids of traces: only these may differ. Without it, all may. */
  readonly traces?: RegExp;
}

/** Their first six digits after the prefix differ from run to run. */
const lostParent = /^ac\w{6}0*[45]$/;

/** The first whose pattern fits explains a difference. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    pattern: /\((3|1s|minInt) < |\| 2 < count/,
    question: "`{ 3 < span.x }`, `{ 1s < duration }`, `2 < count()`",
    inTempo: "nothing, or refused",
    here: "as `{ span.x > 3 }`",
  },
  {
    pattern: /!\(span|!span\.b|!\(event/,
    question: "`{ !(span.x = 3) }`, `{ !span.b }`",
    inTempo: "only spans that have the attribute",
    here: "every span for which it is not true",
  },
  {
    pattern: /!span\.x|span\.x \/ 0|\/ span\.x|span\.arr [<=] span\.arr/,
    question: "`{ !span.x }` of a number, a division by zero, an array beside an array",
    inTempo: "the query fails",
    here: "not true",
  },
  {
    pattern: /\^/,
    question: "`{ 2 ^ 3 = 8 }`",
    inTempo: "the base and the exponent are exchanged: 9",
    here: "8",
  },
  {
    pattern: / = nil/,
    question: "`{ span.x = nil }`",
    inTempo: "exact on dedicated columns only",
    here: "every span without it",
  },
  {
    pattern: /&<< /,
    question: "`A &<< B`",
    inTempo: "misses ancestors that are not parents",
    here: "the same spans as `B &>> A`",
  },
  {
    pattern: /[})] (!|&)?(>>?|<<?|~) [{(]/,
    question: "children of a span whose own parent is missing",
    inTempo: "related to nothing",
    here: "related, by their ids",
    traces: lostParent,
  },
  {
    pattern: /span:id|parentID|link:(traceID|spanID)/,
    question:
      "`span:id`, `trace:id`, `link:traceID` with zeros in front; of a root, or without links",
    inTempo: "the zeros are lost; empty",
    here: "the zeros are kept; missing",
  },
  {
    pattern: /sum_over_time\(span\./,
    question: "`sum_over_time` of an attribute",
    inTempo: "too small",
    here: "the sum",
  },
  {
    pattern: /(quantile|histogram)_over_time\(span\./,
    question: "quantiles and histograms of numbers below 2, and of doubles",
    inTempo: "left out, without a word",
    here: "counted",
  },
  {
    pattern: /(avg|max)\(span\./,
    question:
      "`avg(span.f)`, `max(span.x + 1)` where integers and doubles are mixed, or a span lacks it",
    inTempo: "the trace is missed",
    here: "what is a number counts",
  },
  {
    pattern: /traceDuration\)|event:timeSinceStart\)/,
    question: "`avg_over_time(traceDuration)`, `avg_over_time(event:timeSinceStart)`",
    inTempo: "nanoseconds; a missing event is zero",
    here: "seconds, as of `duration`; a missing event does not count",
  },
  {
    pattern: /topk|bottomk/,
    question: "`topk`, `bottomk` where values are equal",
    inTempo: "any of them",
    here: "the first by their labels",
  },
  {
    pattern: /nestedSet(Left|Right|Parent)/,
    question: "`nestedSetLeft`, `nestedSetRight` of siblings",
    inTempo: "in any order",
    here: "in the order of their starts",
  },
  {
    pattern: /compare\(/,
    question: "`compare()`",
    inTempo:
      "attributes of its own filter count twice; lists well-known attributes that no span has",
    here: "each once, those that there are",
  },
  {
    pattern: /by ?\((event:name|span\.arr|span\.list)\)/,
    question: "`by (span.arr)` of an array, `by (event:name)` of a span without events",
    inTempo: "metrics know only arrays of one element; an empty text",
    here: "each array is a value; `nil`",
  },
  {
    pattern: /\(span\.arr\)|avg_over_time\(name\)/,
    question: "`avg_over_time` of an array or a name",
    inTempo: "nothing",
    here: "nothing, or refused",
  },
  {
    pattern: /-corner/,
    question:
      "lists of several types, keys that stand twice, spans that end before they start, cycles",
    inTempo: "lists are lost, both values count, other spans are missed, unrelated",
    here: "each element counts, the first value, no duration, related by ids",
  },
];
