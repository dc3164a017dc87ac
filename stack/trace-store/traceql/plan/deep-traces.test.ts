import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Span } from "#contract";
import { type Ask, startApiUnderTest, startS } from "../../testing/api-under-test.ts";
import { sampleSpan } from "../../testing/sample-span.ts";

/** A trace in which each span is the parent of the next. */
function chain(length: number): Span[] {
  const traceId = length.toString(16).padStart(32, "0");
  const id = (index: number) => (index + 1).toString(16).padStart(16, "0");
  return Array.from({ length }, (_, index) => {
    const startTimeUnixNano = BigInt(startS) * 1_000_000_000n + BigInt(index);
    return sampleSpan({
      traceId,
      spanId: id(index),
      parentSpanId: index === 0 ? null : id(index - 1),
      name: index === 0 ? "top" : index === length - 1 ? "bottom" : "between",
      startTimeUnixNano,
      endTimeUnixNano: startTimeUnixNano + 1_000n,
    });
  });
}

interface Answer {
  readonly traces: readonly { readonly spanSets: readonly { readonly matched: number }[] }[];
}

async function matched(ask: Ask, q: string): Promise<number> {
  const range = { start: String(startS - 10), end: String(startS + 10) };
  const { status, text } = await ask("/api/search", { q, ...range });
  assert.equal(status, 200, `${q}: ${text}`);
  const { traces } = JSON.parse(text) as Answer;
  return traces.flatMap(({ spanSets }) => spanSets).reduce((sum, one) => sum + one.matched, 0);
}

async function assertChain(context: TestContext, length: number): Promise<void> {
  const { ask } = await startApiUnderTest(context, chain(length));
  const expected = {
    [`{ nestedSetLeft = 1 && nestedSetRight = ${2 * length} }`]: 1,
    [`{ nestedSetLeft = ${length} && nestedSetRight = ${length + 1} }`]: 1,
    "{ nestedSetLeft > 1 }": length - 1,
    "{ nestedSetParent >= 1 }": length - 1,
    [`{ nestedSetParent = ${length - 1} && name = "bottom" }`]: 1,
    '{ name = "top" } >> { }': length - 1,
    '{ name = "bottom" } << { }': length - 1,
    '{ name = "top" } >> { name = "bottom" }': 1,
    '{ name = "bottom" } >> { }': 0,
    '{ name = "between" } !>> { }': 2,
    '{ name = "bottom" } &<< { name = "top" }': 2,
    "{ span:childCount = 1 }": length - 1,
    "{ } | by(span:id) | { } >> { }": 0,
    "{ } | by(span:id) | { } &<< { }": 0,
    "{ } | by(nestedSetLeft % 2) | { } >> { }": length - 2,
  };
  for (const [q, count] of Object.entries(expected)) {
    assert.equal(await matched(ask, q), count, q);
  }
}

test("chains of 2,000 and 20,000 spans are numbered and related within the limit of time", async (t) => {
  await assertChain(t, 2_000);
  await assertChain(t, 20_000);
});
