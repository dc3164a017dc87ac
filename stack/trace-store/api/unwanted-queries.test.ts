import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "node:test";
import { createTrace, startApiUnderTest } from "../testing/api-under-test.ts";
import { engineWithEndless } from "../testing/endless-query.ts";

test("a query that takes too long is ended in the database, and said", async (context) => {
  const { createEngine, ends } = engineWithEndless();
  const limits = { queryMs: 200, running: 1 };
  const { ask } = await startApiUnderTest(context, createTrace(1), { limits, createEngine });
  const { status, text } = await ask("/api/search", { q: "{ false }" });
  assert.equal(status, 504);
  assert.match(text, /longer than 0\.2 s and was ended/);
  assert.deepEqual(ends, ["ended"]);
});

test("a client that leaves ends its query, and the next one takes its place", async (context) => {
  const { createEngine, ends, hasBegun } = engineWithEndless();
  const limits = { running: 1, waiting: 1 };
  const { ask, port } = await startApiUnderTest(context, createTrace(1), { limits, createEngine });
  const q = encodeURIComponent("{ false }");
  const leaving = get(`http://127.0.0.1:${port}/api/search?q=${q}`);
  leaving.on("error", () => {});
  await hasBegun;
  const waiting = ask("/api/search", { q: "{ }" });
  // One of these two waits, and there is no place for the other.
  const other = ask("/api/v2/search/tags");
  const refused = await Promise.race([waiting, other]);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers["retry-after"], "1");
  assert.match(refused.text, /1 queries wait already/);
  leaving.destroy();
  const answers = await Promise.all([waiting, other]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 429]);
  assert.deepEqual(ends, ["ended"]);
  // Traces by id have places of their own.
  assert.equal((await ask("/api/traces/1")).status, 200);
});
