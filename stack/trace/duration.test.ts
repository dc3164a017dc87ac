import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration } from "./span-tree.ts";

test("a duration has the unit that suits it", () => {
  const lengths = [0n, 999n, 1_000n, 84_500n, 999_000n, 1_234_567n, 45_000_000n, 412_000_000n];
  assert.deepEqual(lengths.map(formatDuration), [
    "0 ns",
    "999 ns",
    "1.00 µs",
    "84.5 µs",
    "999 µs",
    "1.23 ms",
    "45.0 ms",
    "412 ms",
  ]);
  assert.equal(formatDuration(61_500_000_000n), "61.5 s");
});
