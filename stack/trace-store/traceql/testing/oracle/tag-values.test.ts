import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Span } from "#contract";
import type { Field, Query } from "#traceql";
import type { TraceqlEngine } from "../../index.ts";
import { printField } from "../../print-expression.ts";
import { completeMatchers, everySpan } from "../../tags/complete-matchers.ts";
import { written } from "./differences.ts";
import { withEngine } from "./engine-with-spans.ts";
import { anyField } from "./random-fields.ts";
import { searchQuery, spelling } from "./random-queries.ts";
import { randomSpans } from "./random-spans.ts";
import { type Spelling, spelled } from "./spelling.ts";
import { tagValuesOracle } from "./tag-values.ts";

const seed = 4_711;

interface TagCase {
  readonly field: Field;
  readonly query: Query;
  readonly form: Spelling;
}

/** Those of words are the same whatever is stored. */
const field = anyField.filter(({ name }) => name !== "span:status" && name !== "span:kind");
const fuzzInput = fc.record({
  spans: randomSpans,
  asked: fc.array(fc.record({ field, query: searchQuery, form: spelling }), {
    minLength: 20,
    maxLength: 20,
  }),
});

async function assertValues(
  { field: one, query, form }: TagCase,
  spans: readonly Span[],
  engine: TraceqlEngine,
): Promise<void> {
  const text = spelled(query, form);
  const found = await engine.tagValues({
    tag: printField(one),
    query: text,
    startNs: null,
    endNs: null,
    limit: 0,
  });
  // An attribute alone is taken for one that is being typed, so it narrows nothing.
  const asked = { ...query, stages: completeMatchers(text) ?? everySpan };
  const [values, expected] = [found, tagValuesOracle(one, asked, spans)].map((all) =>
    all.map(written).sort(),
  );
  assert.deepEqual(values, expected, `${printField(one)} of ${text}`);
}

test("the values of a field, narrowed by 60 random queries, are those of the spans that these keep", async (context) => {
  context.diagnostic(`seed ${seed}`);
  const property = fc.asyncProperty(fuzzInput, async ({ spans, asked }) => {
    await withEngine(spans, async (engine) => {
      for (const question of asked) {
        await assertValues(question, spans, engine);
      }
    });
  });
  await fc.assert(property, { seed, numRuns: 3, endOnFailure: true });
});
