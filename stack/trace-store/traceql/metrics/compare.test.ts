import assert from "node:assert/strict";
import { test } from "node:test";
import { plainText } from "../plain-text.ts";
import { loneSpan } from "../testing/found-names.ts";
import { withEngine } from "../testing/oracle/engine-with-spans.ts";

const startNs = 1_763_800_000_000_000_000n;
const text = (value: string) => ({ type: "string", value }) as const;

/** 14 values of `many` in the baseline, 4 of `some` in the selection, 3 of `few` in each. */
const spans = Array.from({ length: 28 }, (_, index) =>
  loneSpan(
    "span",
    {
      many: text(`value ${index % 14}`),
      few: text(`value ${index % 3}`),
      some: text(`value ${index < 14 ? 0 : index % 4}`),
    },
    {
      spanId: (index + 1).toString(16).padStart(16, "c"),
      startTimeUnixNano: startNs + BigInt(index) * 1_000_000_000n,
      status: { code: index < 14 ? "unset" : "error", message: "" },
    },
  ),
);

async function fetchLabels(stage: string): Promise<string[]> {
  const found: string[] = [];
  await withEngine(spans, async (engine) => {
    const range = { startNs: startNs - 1n, endNs: startNs + 60_000_000_000n };
    const series = await engine.metrics(`{ } | ${stage}`, { ...range, stepNs: 30_000_000_000n });
    for (const { labels, samples } of series) {
      const total = samples.reduce((sum, { value }) => sum + value, 0);
      found.push(
        `${labels.map(({ key, value }) => `${key}=${plainText(value)}`).join(" ")}: ${total}`,
      );
    }
  });
  return found;
}

test("compare() says of which attributes there are more values than it lists", async () => {
  const errors = (lines: readonly string[]) =>
    lines.filter((line) => line.includes("__meta_error"));
  const three = await fetchLabels("compare({ status = error }, 3)");
  assert.deepEqual(errors(three), [
    "__meta_error=__too_many_values__ span.many=nil: 0",
    "__meta_error=__too_many_values__ span.some=nil: 0",
  ]);
  assert.equal(three.filter((line) => line.startsWith("__meta_type=baseline span.many")).length, 3);
  assert.ok(three.includes("__meta_type=baseline_total span.many=nil: 14"));
  assert.ok(three.includes("__meta_type=selection span.few=value 0: 5"));
  assert.deepEqual(errors(await fetchLabels("compare({ status = error })")), [
    "__meta_error=__too_many_values__ span.many=nil: 0",
  ]);
  assert.deepEqual(errors(await fetchLabels("compare({ status = error }, 14)")), []);
});
