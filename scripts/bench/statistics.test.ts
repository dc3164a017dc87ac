import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeSpread, median, percentile } from "./statistics.ts";

test("the median of an odd and of an even number of values, in any order", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 1, 4, 2]), 3);
  assert.equal(median([7]), 7);
});

test("percentiles are values that were measured", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(hundred, 0.5), 50);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile(hundred, 1), 100);
  assert.equal(percentile([3, 1, 2], 0), 1);
  assert.equal(percentile([3, 1, 2], 0.95), 3);
});

test("a percentile is the smallest value with enough values up to it", () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (measured, share) => {
      const found = percentile(measured, share);
      const upTo = (limit: number) => measured.filter((value) => value <= limit).length;
      assert.ok(measured.includes(found));
      assert.ok(upTo(found) >= share * measured.length);
      const smaller = measured.filter((value) => value < found);
      if (share > 0 && smaller.length > 0) {
        assert.ok(upTo(Math.max(...smaller)) < share * measured.length);
      }
    }),
    { seed: 6 },
  );
});

test("a spread has the extremes as they are; of nothing there is none", () => {
  assert.deepEqual(computeSpread([3, -1, 8]), { count: 3, median: 3, min: -1, max: 8 });
  assert.throws(() => computeSpread([]), RangeError);
  assert.throws(() => percentile([], 0.5), RangeError);
});
