import type { Hint } from "./language/index.ts";
import { numberLiteral } from "./quantity.ts";

/** What a query asks of Tempo besides its answer. Of these, our own store knows `mostRecent`. */
export interface SearchHints {
  /** The traces that start last, where Tempo otherwise gives what it finds first. Some 5 times slower there. */
  readonly mostRecent?: boolean;
}

export interface MetricsHints {
  /** Whether series come with examples of traces, and how many. */
  readonly exemplars?: boolean | number;
  /** A share of all traces, from 0 to 1, or true for a size that Tempo chooses. */
  readonly sample?: boolean | number;
}

const names = { mostRecent: "most_recent", exemplars: "exemplars", sample: "sample" } as const;

/** `with (most_recent=true)`. */
export function listHints(hints: SearchHints & MetricsHints): Hint[] {
  return Object.entries(hints).map(([name, value]: [string, boolean | number]) => ({
    name: names[name as keyof typeof names],
    value: typeof value === "number" ? numberLiteral(value) : { type: "bool", value },
  }));
}
