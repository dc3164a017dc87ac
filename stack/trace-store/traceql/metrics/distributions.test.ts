import assert from "node:assert/strict";
import { test } from "node:test";
import { Distributions } from "./metrics.ts";

/** Of one step. @param buckets Exponents and counts. */
function distribution(...buckets: readonly (readonly [exponent: number | null, count: number])[]) {
  return new Distributions(1, {
    steps: buckets.map(() => 0),
    exponents: buckets.map(([exponent]) => exponent),
    counts: buckets.map(([, count]) => count),
  });
}

test("a quantile lies in its bucket, as far in as its share of the bucket says", () => {
  const buckets = distribution([4, 2], [3, 2]);
  assert.equal(buckets.quantile(0, 0.25), 2 ** 2.5);
  assert.equal(buckets.quantile(0, 0.5), 8);
  assert.equal(buckets.quantile(0, 1), 16);
});

test("a bucket begins where the one below it ends, however far away that is", () => {
  const buckets = distribution([6, 2], [2, 1]);
  assert.equal(buckets.quantile(0, 0), 4);
  assert.equal(buckets.quantile(0, 0.66), 2 ** 4);
  assert.equal(distribution([6, 4]).quantile(0, 0), 2 ** 5.25);
});

test("what is not above zero is the lowest bucket, and its bound is 0", () => {
  const buckets = distribution([-1, 1], [null, 3]);
  assert.equal(buckets.quantile(0, 0.5), 0);
  assert.equal(buckets.quantile(0, 1), 0.5);
  assert.deepEqual([...buckets.bounds].sort(), [0, 0.5]);
  assert.deepEqual(
    [0, 0.5, 1].map((bound) => buckets.countAt(0, bound)),
    [3, 1, 0],
  );
});

test("steps in any order are kept apart, and one without values has zeros", () => {
  const both = new Distributions(3, {
    steps: [2, 0, 2, 2],
    exponents: [5, 1, 3, null],
    counts: [1, 4, 2, 1],
  });
  assert.deepEqual(
    [0, 1, 2].map((step) => both.quantile(step, 1)),
    [2, 0, 32],
  );
  assert.equal(both.quantile(2, 0.25), 0);
  assert.deepEqual(
    [0, 1, 2].map((step) => both.countAt(step, 8)),
    [0, 0, 2],
  );
});
