import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Span } from "#contract";
import { written } from "./differences.ts";
import { withEngine } from "./engine-with-spans.ts";
import { type FuzzCase, fetchAnswer, fuzzInput } from "./fuzz.ts";

const seed = 5_707;

/** The spans in another order, divided into exports, of which some come twice. */
function createExports(spans: readonly Span[]): fc.Arbitrary<Span[][]> {
  const all = [...spans];
  return fc
    .record({
      order: fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      cuts: fc.array(fc.nat(all.length), { maxLength: 6 }),
      again: fc.array(fc.nat(9), { maxLength: 3 }),
    })
    .map(({ order, cuts, again }) => {
      const ends = [...cuts, all.length].sort((one, other) => one - other);
      const divided = ends.map((end, index) => order.slice(ends[index - 1] ?? 0, end));
      const repeated = again.map((number) => divided[number % divided.length] ?? []);
      return [...divided, ...repeated].filter((some) => some.length > 0);
    });
}

async function answers(
  spans: readonly Span[],
  questions: readonly FuzzCase[],
  exports: readonly (readonly Span[])[],
): Promise<string[]> {
  let found: unknown[] = [];
  await withEngine(
    spans,
    async (engine) => {
      found = await Promise.all(questions.map((question) => fetchAnswer(question, engine)));
    },
    exports,
  );
  return found.map(written);
}

test("spans in random order, divided and sent again give the same answers", async (context) => {
  context.diagnostic(`seed ${seed}`);
  const sent = fuzzInput.chain(({ spans, questions }) =>
    createExports(spans).map((exports) => ({ spans, questions: questions.slice(0, 20), exports })),
  );
  const property = fc.asyncProperty(sent, async ({ spans, questions, exports }) => {
    assert.deepEqual(
      await answers(spans, questions, exports),
      await answers(spans, questions, [spans]),
    );
  });
  await fc.assert(property, { seed, numRuns: 4 });
});
