import assert from "node:assert/strict";
import { test } from "node:test";
import { createTrace, startApiUnderTest, startS } from "../testing/api-under-test.ts";

/** As a Tempo 3.0.3 answers: from which range on it takes which step, both in milliseconds. */
const steps = [
  [1, 50],
  [24_000, 100],
  [36_000, 150],
  [48_000, 200],
  [60_000, 1_000],
  [480_000, 2_000],
  [720_000, 3_000],
  [960_000, 4_000],
  [1_200_000, 5_000],
  [2_400_000, 10_000],
  [3_600_000, 15_000],
  [7_200_000, 30_000],
  [10_800_000, 45_000],
  [14_400_000, 60_000],
  [28_800_000, 120_000],
  [43_200_000, 180_000],
  [57_600_000, 240_000],
  [72_000_000, 300_000],
  [144_000_000, 600_000],
  [216_000_000, 900_000],
  [288_000_000, 1_200_000],
  [360_000_000, 1_500_000],
  [432_000_000, 1_800_000],
  [504_000_000, 2_100_000],
  [576_000_000, 2_400_000],
  [604_800_000, null],
] as const;

test("a range without a step is divided as Tempo divides it", async (context) => {
  const { ask } = await startApiUnderTest(context, createTrace(1), {
    limits: { metricsRangeHours: 168 },
  });
  const endMs = (startS + 60) * 1000;
  const fetchStep = async (rangeMs: number): Promise<number> => {
    const { status, text } = await ask("/api/metrics/query_range", {
      q: "{ } | rate()",
      start: `${endMs - rangeMs}000000`,
      end: `${endMs}000000`,
    });
    assert.equal(status, 200, text);
    const [first, second] = JSON.parse(text).series[0].samples as { timestampMs: string }[];
    return Number(second?.timestampMs) - Number(first?.timestampMs);
  };
  for (const [index, [fromMs, stepMs]] of steps.entries()) {
    const next = steps[index + 1];
    if (next !== undefined) {
      assert.equal(await fetchStep(fromMs), stepMs, `${fromMs} ms`);
      assert.equal(await fetchStep(next[0] - 1), stepMs, `${next[0] - 1} ms`);
    }
  }
});
