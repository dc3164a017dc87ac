import assert from "node:assert/strict";
import { test } from "node:test";
import { createTrace, startApiUnderTest, startS } from "../testing/api-under-test.ts";

interface Answered {
  readonly series: {
    readonly labels: { key: string; value: object }[];
    readonly samples: { timestampMs: string; value?: number }[];
    readonly exemplars?: {
      labels: { key: string; value: { stringValue?: string } }[];
      timestampMs: string;
      value?: number;
    }[];
  }[];
}

test("series have spans as examples where they are asked for: one a step, with its trace", async (context) => {
  const { ask } = await startApiUnderTest(context, [1, 2, 3, 4, 5, 6].flatMap(createTrace));
  const measure = async (q: string, exemplars?: string) => {
    const range = { q, start: `${startS}`, end: `${startS + 60}`, step: "20s" };
    const parameters = exemplars === undefined ? range : { ...range, exemplars };
    const { status, text } = await ask("/api/metrics/query_range", parameters);
    assert.equal(status, 200, text);
    return (JSON.parse(text) as Answered).series;
  };
  const examples = (series: Answered["series"]) =>
    series.map(({ exemplars = [] }) =>
      exemplars.map(({ labels, value }) => [labels[0]?.value.stringValue?.slice(-1), value]),
    );

  const counted = "{ } | count_over_time()";
  assert.deepEqual(examples(await measure(counted)), [[]]);
  assert.deepEqual(examples(await measure(counted, "0")), [[]]);
  // The newest of each step of 20 s, at the height of its step.
  assert.deepEqual(examples(await measure(counted, "100")), [
    [
      ["2", 4],
      ["4", 4],
      ["6", 4],
    ],
  ]);
  assert.deepEqual(examples(await measure(counted, "1")), [[["2", 4]]]);

  const [series] = await measure('{ name = "http.handler" } | rate() by (name)', "9");
  assert.deepEqual(series?.exemplars?.[0], {
    labels: [
      { key: "trace:id", value: { stringValue: "2".padStart(32, "0") } },
      { key: "name", value: { stringValue: "http.handler" } },
    ],
    timestampMs: `${startS + 20}000`,
    value: 0.1,
  });

  // The largest of each step: its own value, and in the histogram the bucket that it is in.
  const largest = await measure("{ } | max_over_time(span.llm.tokens.out)", "9");
  assert.deepEqual(examples(largest), [
    [
      ["2", 2],
      ["4", 1],
      ["5", 2],
    ],
  ]);
  const durations = await measure("{ } | histogram_over_time(duration)", "9");
  assert.deepEqual(
    durations.map(({ exemplars = [] }) => exemplars.map(({ value }) => value)),
    [[1.5, 1.5, 1.5]],
  );
  const quantiles = await measure("{ } | quantile_over_time(duration, .1, .9)", "9");
  assert.equal(examples(quantiles).flat().length, 3);
  const grouped = await measure("{ } | count_over_time() by (span.llm.tokens.out)", "100");
  assert.ok(examples(grouped).every((found) => found.length > 0));
  const filtered = await measure(`${counted} > 100`, "9");
  assert.deepEqual(filtered, []);
});
