import type { Query } from "#traceql";
import type { TypesOf } from "../query-parts.ts";

/** A question to a Tempo and to the embedded store. */
export interface AskedQuery {
  readonly text: string;
  readonly query: Query;
  readonly getTypes: TypesOf;
}

/** Where a Tempo 3.0.3 answers otherwise, and why ours stays as it is. */
export interface KnownDifference {
  /** Whether it may be seen in the answer. */
  readonly applies: (asked: AskedQuery) => boolean;
  /** Words with which Tempo refuses, or fails. Without them only what it does answer is explained. */
  readonly refusal?: RegExp;
  /** What is asked, for a table. */
  readonly question: string;
  readonly inTempo: string;
  readonly here: string;
  /** Of the ids of traces of the data set: only these may differ. Without it, all may. */
  readonly traces?: RegExp;
}
