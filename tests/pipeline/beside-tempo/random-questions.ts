import fc from "fast-check";
import type { AskedQuery } from "../../../stack/trace-store/traceql/conformance/differences/known-difference.ts";
import { knownDifferences } from "../../../stack/trace-store/traceql/conformance/known-differences.ts";
import type { TypesOf } from "../../../stack/trace-store/traceql/conformance/query-parts.ts";
import {
  metricsQuery,
  searchQuery,
  spelling,
} from "../../../stack/trace-store/traceql/testing/oracle/random-queries.ts";
import { spelled } from "../../../stack/trace-store/traceql/testing/oracle/spelling.ts";

const question = fc.record({
  query: fc.oneof({ weight: 3, arbitrary: searchQuery }, { weight: 1, arbitrary: metricsQuery }),
  form: spelling,
});
/** Tempo reads no further. */
const longestQuery = 2_000;
/** Of this many one is asked. */
const choice = 3;

/**
 * Random queries, those first to which no known difference applies: about as many as there are others.
 * @param getTypes Of the spans that are asked.
 */
export function randomQuestions(
  seed: number,
  { queries, getTypes }: { readonly queries: number; readonly getTypes: TypesOf },
): AskedQuery[] {
  const candidates = fc
    .sample(question, { seed, numRuns: queries * choice })
    .map(({ query, form }) => ({ text: spelled(query, form), query, getTypes }))
    .filter(({ text }) => text.length <= longestQuery);
  const isDisputed = (asked: AskedQuery) => knownDifferences.some(({ applies }) => applies(asked));
  const { undisputed = [], disputed = [] } = Object.groupBy(candidates, (asked) =>
    isDisputed(asked) ? "disputed" : "undisputed",
  );
  return [...undisputed, ...disputed].slice(0, queries);
}
