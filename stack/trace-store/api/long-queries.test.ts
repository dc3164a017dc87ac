import assert from "node:assert/strict";
import { test } from "node:test";
import { createTrace, startApiUnderTest } from "../testing/api-under-test.ts";
import { send } from "../testing/send.ts";

const kilobyte = 1024;
const filled = (beginning: string, end: string, bytes: number) =>
  `${beginning}${"a".repeat(bytes - beginning.length - end.length)}${end}`;

/** Of so many bytes, which browsers and clients write in one to three times as many. */
const queries = [64, 100, 300].flatMap((size) => [
  filled("{ name = `", "` }", size * kilobyte),
  filled("{ name = `", "", size * kilobyte),
  `{ name = "${"ü".repeat((size * kilobyte) / 2)}" }`,
  "{".repeat(size * kilobyte),
  "{ name = `x` } && ".repeat((size * kilobyte) / 18),
]);

test("a query of 100 KB and more has an answer, or a sentence", async (context) => {
  const { ask } = await startApiUnderTest(context, createTrace(1));
  const paths = ["/api/search", "/api/metrics/query", "/api/metrics/query_range"];
  for (const q of queries) {
    for (const path of paths) {
      const { status, text } = await ask(path, { q });
      const what = `${path} ${q.length} ${q.slice(0, 20)}: ${status} ${text.slice(0, 200)}`;
      assert.ok(status === 200 || (status === 400 && /\w+ \w+/.test(text)), what);
    }
  }
});

test("so have tags of that length and parameters that nobody reads", async (context) => {
  const { ask, port } = await startApiUnderTest(context, createTrace(1));
  const long = "a".repeat(100 * kilobyte);
  const tags = await ask("/api/search", { tags: `name=${long}` });
  assert.deepEqual([tags.status, /longer than/.test(tags.text)], [400, true]);
  assert.equal((await ask("/api/search", { q: "{ }", more: long })).status, 200);
  assert.equal((await ask(`/api/traces/${long}`)).status, 400);
  assert.equal((await ask(`/api/v2/search/tag/span.${long}/values`)).status, 400);
  assert.equal((await ask(`/${long}`)).status, 404);
  const answer = await send({ port, path: "/api/echo", headers: { "x-more": long } });
  assert.equal(answer.status, 200);
});
