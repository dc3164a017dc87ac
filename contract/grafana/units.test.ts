import assert from "node:assert/strict";
import { test } from "node:test";
import { countedThings, grafanaUnit, isDuration, toUnit, unitWords } from "./units.ts";

test("units have Grafana's names", () => {
  const names = ["ns", "us", "ms", "s", "min", "h", "By", "%", "{token}", undefined].map(
    grafanaUnit,
  );
  assert.deepEqual(names, ["ns", "µs", "ms", "s", "m", "h", "bytes", "percent", "short", "short"]);
});

test("durations are told from other quantities", () => {
  assert.deepEqual(
    ["ns", "us", "ms", "s", "min", "h", "By", "%", "{token}", undefined].filter(isDuration),
    ["ns", "us", "ms", "s", "min", "h"],
  );
});

test("what is counted is called by its name, and a mere count is not", () => {
  assert.deepEqual(["{token}", "{count}", "ms", undefined].map(countedThings), [
    "tokens",
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(["{token}", "us", "{count}"].map(unitWords), ["tokens", "µs", undefined]);
});

test("an amount is told in another unit of its kind, and in no other", () => {
  assert.deepEqual(
    [toUnit(2000, "ms", "us"), toUnit(2000, "ms", "s"), toUnit(3, "{token}", "{token}")],
    [2_000_000, 2, 3],
  );
  assert.throws(() => toUnit(1, "ms", "{token}"), RangeError);
  assert.throws(() => toUnit(1, undefined, "s"), RangeError);
});
