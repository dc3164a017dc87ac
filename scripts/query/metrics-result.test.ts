import assert from "node:assert/strict";
import { test } from "node:test";
import type { TempoAttribute } from "../../stack/index.ts";
import { metricsLines } from "./measure.ts";

const label = (key: string, stringValue: string): TempoAttribute => ({
  key,
  value: { stringValue },
});
const samples = (...values: (number | undefined)[]) =>
  values.flatMap((value, step) =>
    value === undefined ? [] : [{ timestampMs: String(60_000 * step), value }],
  );

test("a series has its labels, its value and its course, with the steps that it lacks", () => {
  const whole = [
    { labels: [label("name", "llm.decode")], value: 12 },
    { labels: [label("name", "format.output")] },
  ];
  const overTime = [
    { labels: [label("name", "format.output")], samples: samples(0, 0, 0, 0) },
    { labels: [label("name", "llm.decode")], samples: samples(1, undefined, 3, 8) },
  ];
  const measured = { whole, overTime, stepSeconds: 60, areDurations: false };
  assert.deepEqual(metricsLines(measured, 100), [
    "name           value  least  most  over time",
    "llm.decode        12      1     8  ▂ ▄█",
    "format.output      0      0     0  ▁▁▁▁",
  ]);
});

test("durations have units, also as borders of a histogram", () => {
  const bucket = { key: "__bucket", value: { doubleValue: 0.008192 } };
  const measured = {
    whole: [{ labels: [label("__name__", "x"), bucket], value: 0.0015 }],
    overTime: [],
    stepSeconds: 60,
    areDurations: true,
  };
  assert.deepEqual(metricsLines(measured, 100), ["  up to    value", "8.19 ms  1.50 ms"]);
});

test("where there is no room for the course, there is the value; labels are then cut", () => {
  const name = "a very long name of a span ".repeat(3).trim();
  const series = [{ labels: [label("name", name)], value: 1 }];
  const overTime = [{ ...series[0], samples: samples(...Array(40).fill(1)) }];
  const [heading, row = ""] = metricsLines(
    { whole: series, overTime, stepSeconds: 60, areDurations: false },
    60,
  );
  assert.match(heading ?? "", /^name +value$/);
  assert.ok(row.length <= 60 && row.includes("…"), row);
});
