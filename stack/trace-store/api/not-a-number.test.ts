import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span } from "#contract";
import { startApiUnderTest, startS } from "../testing/api-under-test.ts";
import { sampleSpan } from "../testing/sample-span.ts";

function spansWith(key: string, numbers: readonly number[]): Span[] {
  return numbers.map((value, index) =>
    sampleSpan({
      spanId: (index + 1).toString(16).padStart(16, "0"),
      startTimeUnixNano: BigInt(startS) * 1_000_000_000n + BigInt(index),
      endTimeUnixNano: BigInt(startS) * 1_000_000_000n + BigInt(index),
      name: key,
      attributes: [{ key, value: { type: "double", value } }],
    }),
  );
}

const range = { start: String(startS - 10), end: String(startS + 10) };
/** A column of the contract has it, and the text of other attributes. */
const keys = ["llm.decode.mean_step_ms", "ratio"];

test("NaN is left aside in what is measured; the infinite is not", async (context) => {
  const { ask } = await startApiUnderTest(context, [
    ...keys.flatMap((key) => spansWith(key, [1, Number.NaN, 4, -0])),
    ...spansWith("endless", [4, Infinity, 1.7e308]),
    ...spansWith("opposite", [Infinity, -Infinity]),
    ...spansWith("none", [Number.NaN]),
  ]);
  const fetchValues = async (q: string) => {
    const { status, text } = await ask("/api/metrics/query", { q, ...range });
    assert.equal(status, 200, `${q}: ${text}`);
    const { series = [] } = JSON.parse(text) as { series?: { value?: number | string }[] };
    return series.map(({ value = 0 }) => value);
  };
  for (const key of keys) {
    const measure = (stage: string) => fetchValues(`{ name = "${key}" } | ${stage}`);
    assert.deepEqual(await measure(`avg_over_time(span.${key})`), [5 / 3]);
    assert.deepEqual(await measure(`max_over_time(span.${key})`), [4]);
    assert.deepEqual(await measure(`min_over_time(span.${key})`), [0]);
    assert.deepEqual(await measure(`sum_over_time(span.${key})`), [5]);
    assert.deepEqual(await measure(`quantile_over_time(span.${key}, 1)`), [4]);
    assert.deepEqual(await measure("count_over_time()"), [4]);
    const buckets = await measure(`histogram_over_time(span.${key})`);
    assert.equal(
      buckets.reduce<number>((sum, value) => sum + Number(value), 0),
      3,
    );
  }
  assert.deepEqual(await fetchValues('{ name = "endless" } | max_over_time(span.endless)'), [
    "Infinity",
  ]);
  assert.deepEqual(
    await fetchValues('{ name = "endless" } | quantile_over_time(span.endless, 1)'),
    ["Infinity"],
  );
  assert.deepEqual(
    await fetchValues('{ name = "endless" } | histogram_over_time(span.endless)'),
    [1, 2],
  );
  assert.deepEqual(await fetchValues('{ name = "opposite" } | sum_over_time(span.opposite)'), [
    "NaN",
  ]);
  assert.deepEqual(await fetchValues('{ name = "none" } | avg_over_time(span.none)'), []);
});

test("answers write them as protobuf's JSON does", async (context) => {
  const { ask } = await startApiUnderTest(
    context,
    keys.flatMap((key) => spansWith(key, [Number.NaN, Infinity, -Infinity, -0])),
  );
  for (const key of keys) {
    const q = `{ name = "${key}" } | select(span.${key})`;
    const found = JSON.parse((await ask("/api/search", { q, spss: "10" })).text);
    assert.deepEqual(
      found.traces[0].spanSets[0].spans.map((span: { attributes: unknown }) => span.attributes),
      ["NaN", "Infinity", "-Infinity", 0].map((doubleValue) => [{ key, value: { doubleValue } }]),
    );
    const values = await ask(`/api/v2/search/tag/span.${key}/values`);
    const types = JSON.parse(values.text).tagValues.map(({ type }: { type: string }) => type);
    assert.deepEqual(types, ["float", "float", "float", "float"]);
    const groups = await ask("/api/metrics/query", {
      q: `{ name = "${key}" } | rate() by (span.${key})`,
      ...range,
    });
    assert.deepEqual(
      JSON.parse(groups.text)
        .series.map((one: { labels: { value: unknown }[] }) => JSON.stringify(one.labels[0]?.value))
        .sort(),
      [
        '{"doubleValue":"-Infinity"}',
        '{"doubleValue":"Infinity"}',
        '{"doubleValue":"NaN"}',
        '{"doubleValue":0}',
      ],
    );
  }
  const { traceId } = sampleSpan();
  const { text } = await ask(`/api/traces/${traceId}`);
  assert.match(text, /"doubleValue":"NaN"/);
  assert.match(text, /"doubleValue":"-Infinity"/);
});
