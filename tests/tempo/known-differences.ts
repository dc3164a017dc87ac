/** Where a Tempo 3.0.3 answers otherwise, and why ours stays as it is. docs/traceql.md says the same. */
export interface KnownDifference {
  /** Of the query's text. */
  readonly pattern: RegExp;
  readonly reason: string;
  /** Of the ids of traces: only these may differ. Without it, all may. */
  readonly traces?: RegExp;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    pattern: /\((3|1s|minInt) < |\| 2 < count/,
    reason: "Tempo answers nothing for a literal on the left, or refuses it.",
  },
  { pattern: /!\(span|!span\.b/, reason: "Tempo's negation misses spans without the attribute." },
  { pattern: /!span\.x/, reason: "Tempo fails where the attribute is no boolean." },
  { pattern: / = nil/, reason: "Tempo's = nil is exact on dedicated columns only." },
  {
    pattern: /span:id|parentID|link:traceID/,
    reason: "Tempo loses leading zeros, and gives a root an empty parent.",
  },
  {
    pattern: /[})] (!|&)?(>>?|<<?|~) [{(]/,
    reason: "Tempo does not relate the children of a span whose parent is missing.",
    traces: /(15445|2a88a)$/,
  },
  {
    pattern: /&<< /,
    reason:
      "Tempo misses ancestors that are not parents; with the sides of &>> exchanged it finds them.",
  },
  { pattern: /sum_over_time/, reason: "Tempo's sum is too small." },
  {
    pattern: /(quantile|histogram)_over_time/,
    reason: "Tempo leaves out what is below 2, and doubles.",
  },
  {
    pattern: /avg\(span\.f\)/,
    reason: "Tempo misses traces where integers and doubles are mixed.",
  },
  { pattern: /traceDuration\)/, reason: "Tempo averages this duration in nanoseconds." },
  { pattern: /topk|bottomk/, reason: "Tempo takes any of equal values." },
  { pattern: /by \((event:name|span\.arr)\)/, reason: "Tempo has other labels for lists." },
  {
    pattern: /nestedSet(Left|Right|Parent)/,
    reason: "Tempo numbers siblings in any order.",
  },
  { pattern: /compare\(/, reason: "Tempo counts attributes of its own filters twice." },
  { pattern: /event:timeSinceStart\)/, reason: "Tempo takes the time of a missing event as zero." },
  {
    pattern: /max\(span\.x \+ 1\)/,
    reason: "Tempo misses traces where a span lacks the attribute.",
  },
  { pattern: /span\.x \/ 0/, reason: "Tempo fails at a division by zero." },
  {
    pattern: /span\.arr = span\.arr|\(span\.arr\)/,
    reason: "Tempo cannot compare or measure arrays.",
  },
  { pattern: /!\(event/, reason: "Tempo's negation misses spans without events." },
  { pattern: /avg_over_time\(name\)/, reason: "Tempo accepts the average of names." },
];
