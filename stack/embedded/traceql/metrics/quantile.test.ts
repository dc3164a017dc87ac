import assert from "node:assert/strict";
import { test } from "node:test";
import { comparePowers, quantileOf, upperBound } from "./quantile.ts";

test("a quantile lies in its bucket, as far in as its share of the bucket says", () => {
  const buckets = [
    { exponent: 4, count: 2 },
    { exponent: 3, count: 2 },
  ].sort(comparePowers);
  assert.equal(quantileOf(buckets, 0.25), 2 ** 2.5);
  assert.equal(quantileOf(buckets, 0.5), 8);
  assert.equal(quantileOf(buckets, 1), 16);
});

test("a bucket begins where the one below it ends, however far away that is", () => {
  const buckets = [
    { exponent: 2, count: 1 },
    { exponent: 6, count: 2 },
  ];
  assert.equal(quantileOf(buckets, 0), 4);
  assert.equal(quantileOf(buckets, 0.66), 2 ** 4);
  assert.equal(quantileOf([{ exponent: 6, count: 4 }], 0), 2 ** 5.25);
});

test("what is not above zero is the lowest bucket, and its bound is 0", () => {
  const buckets = [
    { exponent: -1, count: 1 },
    { exponent: null, count: 3 },
  ].sort(comparePowers);
  assert.equal(quantileOf(buckets, 0.5), 0);
  assert.equal(quantileOf(buckets, 1), 0.5);
  assert.equal(upperBound(null), 0);
});
