import assert from "node:assert/strict";
import { test } from "node:test";
import { formatText } from "./units.ts";

const cases: readonly (readonly [
  value: number,
  unit: string,
  decimals: number | undefined,
  text: string,
])[] = [
  [0, "short", 0, "0"],
  [365, "short", 0, "365"],
  [1234, "short", undefined, "1.23 K"],
  [2_500_000, "short", undefined, "2.50 Mil"],
  [-1500, "short", undefined, "-1.50 K"],
  [0.0666, "reqps", undefined, "0.0666 req/s"],
  [12_000, "reqps", undefined, "12K req/s"],
  [0.2, "suffix:/s", undefined, "0.200 /s"],
  [1_230, "ops", undefined, "1.23K ops/s"],
  [4_000_000, "Bps", undefined, "4 MB/s"],
  [0, "s", undefined, "0 s"],
  [0.000_5, "s", undefined, "500 µs"],
  [0.197, "s", undefined, "197 ms"],
  [3.04, "s", undefined, "3.04 s"],
  [90, "s", undefined, "1.50 mins"],
  [7200, "s", undefined, "2 hours"],
  [1_500_000, "µs", 1, "1.5 s"],
  [208_123, "µs", 1, "208.1 ms"],
  [999, "µs", undefined, "999 µs"],
  [12.34, "ms", undefined, "12.3 ms"],
  [1700, "ms", undefined, "1.70 s"],
  [0.25, "ms", undefined, "0.250 ms"],
  [200_000_000, "ns", undefined, "200 ms"],
  [2, "m", undefined, "2 min"],
  [36, "h", undefined, "1.50 days"],
  [2048, "bytes", undefined, "2 KiB"],
  [42.42, "percent", 1, "42.4%"],
  [0.25, "percentunit", undefined, "25%"],
  [7, "none", undefined, "7"],
  [1042, "locale", 0, "1,042"],
  [1_234_567.5, "locale", undefined, "1,234,567.5"],
  [7, "a unit of nobody", undefined, "7 a unit of nobody"],
  [1e-9, "none", undefined, "1e-9"],
  [-0.001, "none", 1, "0.0"],
];

for (const [value, unit, decimals, text] of cases) {
  test(`${value} in ${unit}${decimals === undefined ? "" : ` with ${decimals} decimals`}`, () => {
    assert.equal(formatText(value, unit, decimals), text);
  });
}
