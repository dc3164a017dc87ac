import assert from "node:assert/strict";
import fc from "fast-check";
import type { Span } from "#contract";
import { parseQuery, type Query, QueryError } from "#traceql";
import type { TraceqlEngine } from "../../index.ts";
import type { MetricsOptions } from "../../metrics/metrics-sql.ts";
import type { SearchOptions } from "../../search/search.ts";
import { searchDifference, seriesDifference, written } from "./differences.ts";
import { withEngine } from "./engine-with-spans.ts";
import { normalizeQuery } from "./meaning.ts";
import { metricsOracle } from "./metrics.ts";
import { metricsQuery, searchQuery, spelling } from "./random-queries.ts";
import { firstStartNs, randomSpans, secondNs } from "./random-spans.ts";
import { searchOracle } from "./search.ts";
import { type Spelling, spelled } from "./spelling.ts";

/** A query, how it is written, and for how much of the store it is asked. */
export interface FuzzCase {
  readonly query: Query;
  readonly spelling: Spelling;
  readonly startNs: bigint;
  readonly lengthNs: bigint;
  readonly stepNs: bigint;
  readonly isBounded: boolean;
  readonly limit: number;
  readonly spansPerSpanset: number;
}

const asked: fc.Arbitrary<FuzzCase> = fc.record({
  query: fc.oneof({ weight: 3, arbitrary: searchQuery }, { weight: 1, arbitrary: metricsQuery }),
  spelling,
  startNs: fc.constantFrom(-1n, 0n, 10n, 60n).map((seconds) => firstStartNs + seconds * secondNs),
  lengthNs: fc.constantFrom(20n, 60n, 130n, 200n).map((seconds) => seconds * secondNs),
  stepNs: fc.constantFrom(1n, 7n, 60n, 200n).map((seconds) => seconds * secondNs),
  isBounded: fc.boolean(),
  limit: fc.constantFrom(20, 20, 3, 1),
  spansPerSpanset: fc.constantFrom(100, 100, 3, 1),
});

/** Spans in a store, and queries of which the engine's answers are compared with the oracle's. */
export const fuzzInput = fc.record({
  spans: randomSpans,
  questions: fc.array(asked, { minLength: 1, maxLength: 60, size: "max" }),
});

/**
 * Asks at least so many random queries.
 * @throws AssertionError with the query, the spans and both answers, as small as they can be made.
 */
export async function runFuzz({
  queries,
  seed,
}: {
  queries: number;
  seed: number;
}): Promise<number> {
  let count = 0;
  const property = fc.asyncProperty(fuzzInput, async ({ spans, questions }) => {
    await withEngine(spans, async (engine) => {
      const differences = await Promise.all(
        questions.map((question) => findDifference(question, spans, engine)),
      );
      const difference = differences.find((one) => one !== null);
      if (difference) {
        throw new Error(difference);
      }
    });
    count += questions.length;
  });
  // A scene has some 30 queries; the property is asked until there are enough.
  for (let round = 0; count < queries; round += 1) {
    await fc.assert(property, { seed: seed + round, numRuns: 10, reporter: report });
  }
  return count;
}

function report(details: fc.RunDetails<[{ spans: Span[]; questions: FuzzCase[] }]>): void {
  if (!details.failed) {
    return;
  }
  const [{ spans, questions } = { spans: [], questions: [] }] = details.counterexample ?? [];
  const asked = questions.map(({ query, spelling, ...options }) => ({
    text: spelled(query, spelling),
    ...options,
  }));
  throw new assert.AssertionError({
    message: [
      `seed ${details.seed}, ${details.numShrinks} times made smaller`,
      ...asked.map(written),
      ...spans.map(written),
      String(details.errorInstance),
    ].join("\n"),
  });
}

/** Where each of two fields may be an array in two scopes, nothing is left for a third comparison. */
const tooLong = "a condition or calculation of so many parts";

async function findDifference(
  question: FuzzCase,
  spans: readonly Span[],
  engine: TraceqlEngine,
): Promise<string | null> {
  const { query, spelling } = question;
  const text = spelled(query, spelling);
  try {
    const read = normalizeQuery(parseQuery(text));
    const meant = normalizeQuery(query);
    if (read !== meant) {
      return `${text} is read as ${read}, and means ${meant}`;
    }
    const difference = await answersDiffer(text, question, spans, engine);
    return difference === null ? null : `${text}: ${difference}`;
  } catch (error) {
    if (error instanceof QueryError && error.message.endsWith(tooLong)) {
      return null;
    }
    return `${text}: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

async function answersDiffer(
  text: string,
  asked: FuzzCase,
  spans: readonly Span[],
  engine: TraceqlEngine,
): Promise<string | null> {
  const { query } = asked;
  if (query.metrics !== null) {
    const options = metricsOptions(asked);
    const expected = metricsOracle(query, spans, options);
    return seriesDifference(await engine.metrics(text, options), expected, query.seriesStages);
  }
  const options = searchOptions(asked);
  return searchDifference(await engine.search(text, options), searchOracle(query, spans, options));
}

/** What the engine answers, whatever is right. */
export function fetchAnswer(asked: FuzzCase, engine: TraceqlEngine): Promise<unknown> {
  const text = spelled(asked.query, asked.spelling);
  return asked.query.metrics === null
    ? engine.search(text, searchOptions(asked))
    : engine.metrics(text, metricsOptions(asked));
}

function metricsOptions({ startNs, lengthNs, stepNs }: FuzzCase): MetricsOptions {
  return { startNs, endNs: startNs + lengthNs, stepNs };
}

function searchOptions(asked: FuzzCase): SearchOptions {
  const { startNs, lengthNs, isBounded, limit, spansPerSpanset } = asked;
  const bounds = isBounded
    ? { startNs, endNs: startNs + lengthNs }
    : { startNs: null, endNs: null };
  return { ...bounds, limit, spansPerSpanset };
}
