import type { ReadOutcome } from "#contract";
import { PartBudget } from "./part-budget.ts";

/** What can become of a part of an export that is not as it should be. */
export type Outcome = ReadOutcome | "text_cut" | "text_repaired" | "time_moved";

interface Meaning {
  /** Whether spans were lost, one each time. Otherwise they were taken, with something changed. */
  readonly isRefusal: boolean;
  readonly words: string;
  /** What the sender may not know. */
  readonly hint?: string;
}

/** All of them, in the order in which they are told. */
const outcomeMeanings: Readonly<Record<Outcome, Meaning>> = {
  span_id_invalid: {
    isRefusal: true,
    words: "spans without valid ids",
    hint: "A trace id has 16 bytes, a span id and a parent's 8, not all of them zero.",
  },
  span_unreadable: {
    isRefusal: true,
    words: "spans that cannot be read",
    hint: "A field of such a span has another type than OTLP's, or is cut off.",
  },
  group_unreadable: { isRefusal: true, words: "groups of spans that cannot be read" },
  owner_unreadable: {
    isRefusal: false,
    words: "resources and scopes that cannot be read, left out",
  },
  text_cut: {
    isRefusal: false,
    words: "texts longer than STACK_TEXT_LIMIT_BYTES, cut",
  },
  text_repaired: { isRefusal: false, words: "texts that are not UTF-8, repaired" },
  nesting_cut: { isRefusal: false, words: "values nested more than 50 deep, left out" },
  time_moved: {
    isRefusal: false,
    words: "times that cannot be, moved",
    hint: "Look at the sender's clock, and whether it sets the times of all spans.",
  },
  number_clamped: { isRefusal: false, words: "numbers beyond their type's range, clamped" },
  enum_unknown: { isRefusal: false, words: "unknown kinds and statuses, taken as none" },
  link_id_invalid: { isRefusal: false, words: "invalid ids of links, left out" },
};

export type OutcomeCounts = Readonly<Partial<Record<Outcome, number>>>;

/** How often each was noted. */
export function countOutcomes(outcomes: readonly Outcome[]): OutcomeCounts {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const outcome of outcomes) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** Both together, in the order above, without those that are not there. */
export function addOutcomes(one: OutcomeCounts, other: OutcomeCounts): OutcomeCounts {
  const sums = (Object.keys(outcomeMeanings) as Outcome[]).map(
    (outcome) => [outcome, (one[outcome] ?? 0) + (other[outcome] ?? 0)] as const,
  );
  return Object.fromEntries(sums.filter(([, sum]) => sum > 0));
}

/** How many spans were lost, as far as that can be known. */
export function refusedSpans(counts: OutcomeCounts): number {
  return listEntries(counts).reduce(
    (sum, [outcome, count]) => sum + (outcomeMeanings[outcome].isRefusal ? count : 0),
    0,
  );
}

/** Words for those of one kind: `spans without valid ids (3), spans that cannot be read (1)`. */
export function outcomeList(counts: OutcomeCounts, kind: { readonly isRefusal: boolean }): string {
  return listEntries(counts)
    .filter(([outcome]) => outcomeMeanings[outcome].isRefusal === kind.isRefusal)
    .map(([outcome, count]) => `${outcomeMeanings[outcome].words} (${count})`)
    .join(", ");
}

/** What the sender of an export is told, a sentence each. */
export function outcomeSentences(counts: OutcomeCounts, spans: number): string[] {
  const refused = outcomeList(counts, { isRefusal: true });
  const changed = outcomeList(counts, { isRefusal: false });
  return [
    ...(refused === "" ? [] : [`${refusedSpans(counts)} of ${spans} not taken: ${refused}.`]),
    ...(changed === "" ? [] : [`Changed: ${changed}.`]),
    ...listEntries(counts).flatMap(([outcome]) => outcomeMeanings[outcome].hint ?? []),
  ];
}

function listEntries(counts: OutcomeCounts): [Outcome, number][] {
  // A store of another version may count something else.
  return (Object.entries(counts) as [Outcome, number][]).filter(([outcome]) =>
    Object.hasOwn(outcomeMeanings, outcome),
  );
}

/** What is noted while an export is read. */
export class Reading {
  readonly budget = new PartBudget();
  /** One for each thing that is not as it should be. */
  readonly outcomes: Outcome[] = [];
  /** Where that is, where the form has words for places; the first few. Nothing that was sent is in it. */
  readonly places: string[] = [];
}
