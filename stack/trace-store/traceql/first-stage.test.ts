import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ask, createTrace, startApiUnderTest, startS } from "../testing/api-under-test.ts";

const range = { start: String(startS), end: String(startS + 100) };

/** The same in words for all spans, and beginning with another stage. */
const pairs = [
  ["{ } | count() > 1", "count() > 1"],
  ["{ } | count() > 10", "count() > 10"],
  ["{ } | avg(duration) > 20ms", "avg(duration) > 20ms"],
  ["{ } | max(span.llm.tokens.out) = 2", "max(span.llm.tokens.out) = 2"],
  ["{ } | select(span.llm.tokens.out)", "select(span.llm.tokens.out)"],
  ["{ } | by(name) | { true }", "by(name) | { true }"],
  ["{ } | by(name) | count() = 1", "by(name) | count() = 1"],
  ["({ } | count() > 1) && ({ true })", "(count() > 1) && ({ true })"],
  ["({ } | count() > 5) || ({ } | by(name))", "(count() > 5) || (by(name))"],
  ["({ } | count() > 1 | { kind = server })", "(count() > 1 | { kind = server })"],
  ["{ } | (count()) > 1", "(count()) > 1"],
  ["({ } | (count()) > 1)", "((count()) > 1)"],
] as const;
const metrics = [
  ["{ } | max(duration) > 1s | rate()", "max(duration) > 1s | rate()"],
  ["{ } | max(duration) > 3h | rate()", "max(duration) > 3h | rate()"],
  ["{ } | by(name) | rate() by (name)", "by(name) | rate() by (name)"],
  ["{ } | select(.a) | count_over_time()", "select(.a) | count_over_time()"],
] as const;

async function answer(ask: Ask, path: string, q: string): Promise<unknown> {
  const { status, text } = await ask(path, { q, ...range });
  assert.equal(status, 200, `${path} ${q}: ${text}`);
  const { metrics: _, ...document } = JSON.parse(text) as Record<string, unknown>;
  return document;
}

async function assertSame(ask: Ask): Promise<void> {
  for (const [whole, short] of pairs) {
    for (const path of [
      "/api/search",
      "/api/v2/search/tags",
      "/api/v2/search/tag/span.llm.tokens.out/values",
      "/api/v2/search/tag/name/values",
    ]) {
      assert.deepEqual(await answer(ask, path, short), await answer(ask, path, whole), short);
    }
  }
  for (const [whole, short] of metrics) {
    for (const path of ["/api/metrics/query", "/api/metrics/query_range"]) {
      assert.deepEqual(await answer(ask, path, short), await answer(ask, path, whole), short);
    }
  }
}

test("a pipeline may begin with an aggregate, by() or select(), and is about all spans then", async (t) => {
  const { ask } = await startApiUnderTest(t, [0, 1, 2, 3].flatMap(createTrace));
  await assertSame(ask);
  const { traces } = (await answer(ask, "/api/search", "count() > 1")) as { traces: unknown[] };
  assert.equal(traces.length, 4);
  assert.deepEqual(await answer(ask, "/api/v2/search/tag/name/values", "count() > 2"), {
    tagValues: [],
  });
});

test("in an empty store, too", async (t) => {
  await assertSame((await startApiUnderTest(t, [])).ask);
});

test("coalesce() and a metrics function need something before them, as in Tempo", async (t) => {
  const { ask } = await startApiUnderTest(t, []);
  for (const q of ["coalesce()", "coalesce() | count() > 1", "rate()", "(coalesce())"]) {
    const { status, text } = await ask("/api/search", { q, ...range });
    assert.equal(status, 400, text);
    assert.match(text, /parse error at line 1, col [12]: expected/);
  }
});
