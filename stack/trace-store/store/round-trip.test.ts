import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { temporaryDirectory } from "../../../tests/support/temporary-directory.ts";
import { arbitrarySpan } from "../testing/arbitrary-span.ts";
import { assertSameSpans } from "../testing/assert-same-spans.ts";
import { openStore } from "./index.ts";

const seed = 20_251_102;
const largestBigint = 2n ** 63n - 1n;

/** By their start; a start after the year 2262 counts as one of that year. */
function sortSpans(spans: readonly Span[]): Span[] {
  const start = ({ startTimeUnixNano: time }: Span) =>
    time > largestBigint ? largestBigint : time;
  return [...spans].sort((one, other) => Number(start(one) - start(other)));
}

test(`any spans are read back exactly as they were sent (seed ${seed})`, async (context) => {
  const store = await openStore([miniserve], { directory: temporaryDirectory() });
  context.after(() => store.close());
  let traces = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitrarySpan(miniserve), { minLength: 1, maxLength: 5 }),
      async (spans) => {
        traces += 1;
        const traceId = traces.toString(16).padStart(32, "0");
        const sent = spans.map((span) => ({ ...span, traceId }));
        await store.append(sent);
        assertSameSpans(await store.readTrace(traceId), sortSpans(sent));
      },
    ),
    // Shrinking would run the store for minutes; the seed and the first counterexample are enough.
    { seed, numRuns: 100, endOnFailure: true },
  );
});

test(`spans survive that the store is closed and opened again (seed ${seed})`, async () => {
  const directory = temporaryDirectory();
  const traceId = "f".repeat(32);
  const sent = fc
    .sample(arbitrarySpan(miniserve), { seed, numRuns: 100 })
    .map((span) => ({ ...span, traceId }));
  const expected = sortSpans(sent);
  for (const part of [sent.slice(0, 50), sent.slice(50)]) {
    const store = await openStore([miniserve], { directory });
    await store.append(part);
    await store.close();
  }
  const store = await openStore([miniserve], { directory });
  assertSameSpans(await store.readTrace(traceId), expected);
  assert.deepEqual(await store.counts(), { spans: 100, traces: 1 });
  await store.close();
});
