import assert from "node:assert/strict";
import { test } from "node:test";
import { createTrace, startApiUnderTest, startS } from "../testing/api-under-test.ts";

test("a query that needs too much memory says so, and the next one is answered", async (context) => {
  const spans = Array.from({ length: 6_000 }, (_, number) => createTrace(number + 1)).flat();
  const { ask, failures } = await startApiUnderTest(context, spans, { memoryLimitMebibytes: 24 });
  const range = { start: String(startS), end: String(startS + 100_000) };
  const greedy = await ask("/api/search", {
    q: "{ nestedSetLeft > 0 } | by(span:id)",
    limit: "10000",
    ...range,
  });
  assert.equal(greedy.status, 422, greedy.text);
  assert.match(greedy.text, /more memory than the store may use/);
  assert.equal(failures.splice(0).length, 1);
  const modest = await ask("/api/search", { q: "{ span.llm.tokens.out = 0 }", ...range });
  assert.equal(modest.status, 200, modest.text);
});
