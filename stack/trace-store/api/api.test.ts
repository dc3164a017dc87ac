import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createTrace, startApiUnderTest, startS } from "../testing/api-under-test.ts";

const traces = [1, 2, 3, 4, 5, 6].flatMap(createTrace);

async function startApi(context: TestContext) {
  const { ask } = await startApiUnderTest(context, traces);
  return async (path: string, parameters: Record<string, string> = {}) => {
    const { status, text } = await ask(path, parameters);
    return { status, body: text };
  };
}

test("a search answers in Tempo's form, the newest trace first", async (context) => {
  const ask = await startApi(context);
  const q = "{ span.llm.tokens.out = 0 }";
  const { status, body } = await ask("/api/search", { q, limit: "1" });
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body).traces, [
    {
      traceID: "00000000000000000000000000000006",
      rootServiceName: "miniserve",
      rootTraceName: "http.handler",
      startTimeUnixNano: "1763800060000000000",
      durationMs: 1500,
      ...Object.fromEntries(
        ["spanSet", "spanSets"].map((member) => {
          const spanSet = {
            spans: [
              {
                spanID: "0000000000000062",
                startTimeUnixNano: "1763800060000000000",
                durationNanos: "1500000000",
                attributes: [{ key: "llm.tokens.out", value: { intValue: "0" } }],
              },
            ],
            matched: 1,
          };
          return [member, member === "spanSet" ? spanSet : [spanSet]];
        }),
      ),
      serviceStats: { miniserve: { spanCount: 2 } },
    },
  ]);
  const inRange = await ask("/api/search", {
    q: "{ }",
    start: `${startS + 15}`,
    end: `${startS + 32}`,
  });
  assert.deepEqual(
    JSON.parse(inRange.body).traces.map((trace: { traceID: string }) => trace.traceID.slice(-1)),
    ["3", "2"],
  );
});

test("metrics have a sample for each step, and one value without steps", async (context) => {
  const ask = await startApi(context);
  const q = "{ } | count_over_time() by (span.llm.tokens.out)";
  const range = { q, start: `${startS}`, end: `${startS + 60}` };
  const { body } = await ask("/api/metrics/query_range", { ...range, step: "20s" });
  const series = JSON.parse(body).series as { labels: unknown[]; samples: { value?: number }[] }[];
  assert.deepEqual(
    series.map(({ labels, samples }) => [labels, samples.map(({ value = 0 }) => value)]),
    [
      [[{ key: "span.llm.tokens.out", value: { intValue: "0" } }], [0, 0, 1, 1]],
      [[{ key: "span.llm.tokens.out", value: { intValue: "1" } }], [0, 1, 1, 0]],
      [[{ key: "span.llm.tokens.out", value: { intValue: "2" } }], [0, 1, 0, 1]],
      [[{ key: "span.llm.tokens.out", value: { stringValue: "nil" } }], [0, 2, 2, 2]],
    ],
  );
  const instant = await ask("/api/metrics/query", { ...range, q: "{ } | count_over_time()" });
  assert.equal(JSON.parse(instant.body).series[0].value, 12);
});

test("tags are what was stored, with the intrinsics, and values can be narrowed by a query", async (context) => {
  const ask = await startApi(context);
  const { body } = await ask("/api/v2/search/tags", { scope: "span" });
  assert.deepEqual(JSON.parse(body).scopes, [{ name: "span", tags: ["llm.tokens.out"] }]);
  const values = await ask("/api/v2/search/tag/span.llm.tokens.out/values", {
    q: "{ span.llm.tokens.out > 0 }",
  });
  assert.deepEqual(JSON.parse(values.body).tagValues, [
    { type: "int", value: "1" },
    { type: "int", value: "2" },
  ]);
  const names = await ask("/api/search/tag/name/values");
  assert.deepEqual(JSON.parse(names.body).tagValues, ["http.handler", "llm.decode"]);
  assert.equal((await ask("/api/v2/search/tag/nothing/values")).status, 400);
});

test("what is wrong with a query or its parameters is said, all of it", async (context) => {
  const ask = await startApi(context);
  const faults = {
    "{ name = 5 }":
      "invalid TraceQL query: type error at line 1, col 8: a string and a int cannot be compared\n",
    "{ name =~ `(` }":
      "invalid TraceQL query: type error at line 1, col 11: this is no regular expression of RE2: missing ): (\n",
    "{ } | compare({ status = error })": /^invalid TraceQL query: type error/,
  };
  for (const [q, message] of Object.entries(faults)) {
    const { status, body } = await ask("/api/search", { q });
    assert.equal(status, 400, body);
    assert.ok(typeof message === "string" ? body === message : message.test(body), body);
  }
  const { status, body } = await ask("/api/search", {
    q: "{",
    limit: "0",
    spss: "a",
    start: "b",
    end: "1",
  });
  assert.equal(status, 400);
  assert.equal(body.trim().split("\n").length, 3, body);
  const unsupported = await ask("/api/search", { q: "({ } | count()) > 2" });
  assert.match(unsupported.body, /unsupported: .*a pipeline as one side/);
});
