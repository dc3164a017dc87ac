import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { QueryError } from "#traceql";
import { patienceMs } from "../../../../../tests/support/patience.ts";
import { startApiUnderTest } from "../../../testing/api-under-test.ts";
import { damagedQuery, repetitive } from "./damaged-queries.ts";
import { withEngine } from "./engine-with-spans.ts";
import { firstStartNs, randomSpans, secondNs } from "./random-spans.ts";

const seed = 91_326;
const queries = 500;
const longest = 4_000;
const [spans = []] = fc.sample(randomSpans, { seed, numRuns: 1 });

test("500 damaged queries are answered or refused, and none by an error of the store", async (context) => {
  context.diagnostic(`seed ${seed}`);
  const { ask } = await startApiUnderTest(context, spans, { limits: { queryMs: patienceMs } });
  const range = {
    start: String(firstStartNs - secondNs),
    end: String(firstStartNs + 130n * secondNs),
  };
  const statuses = new Map<number, number>();
  for (const text of fc.sample(damagedQuery, { seed, numRuns: queries })) {
    const q = text.slice(0, longest);
    const isMetrics = /rate|_over_time|compare/.test(q);
    const { status, text: body } = await ask(
      isMetrics ? "/api/metrics/query_range" : "/api/search",
      { q, ...range },
    );
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    assert.ok(status === 200 || status === 400, `${status} to ${q}\n${body}`);
  }
  context.diagnostic(`statuses ${JSON.stringify([...statuses])}`);
  for (const status of [200, 400]) {
    assert.ok((statuses.get(status) ?? 0) > queries / 20, `few answers of status ${status}`);
  }
});

test("queries of thousands of parts are answered or refused, and do not hold up the process", async () => {
  await withEngine(spans, async (engine) => {
    for (const text of [2, 9, 60, 400, 6_000].flatMap(repetitive)) {
      const signal = AbortSignal.timeout(patienceMs);
      const answer = /rate/.test(text)
        ? engine.metrics(text, { startNs: 0n, endNs: 10n, stepNs: 1n }, signal)
        : engine.search(
            text,
            { startNs: null, endNs: null, limit: 20, spansPerSpanset: 3 },
            signal,
          );
      const error = await answer.then(
        () => null,
        (reason: unknown) => reason,
      );
      const isFine = error === null || error instanceof QueryError;
      assert.ok(isFine, `${text.slice(0, 200)} (${text.length} characters): ${error}`);
    }
  });
});
