import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { resolveSampling } from "./slot-sequence.ts";

const valid = { temperature: 0.7, topP: 0.9 };

test("any seed becomes one that llama.cpp does not take to mean a random one", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (seed) => {
      const resolved = resolveSampling({ ...valid, seed }).seed;
      assert.ok(Number.isInteger(resolved) && resolved >= 0 && resolved < 0xffff_ffff);
      assert.equal(resolveSampling({ ...valid, seed }).seed, resolved);
    }),
    { seed: 1, examples: [[0xffff_ffff], [-1], [0], [Number.MAX_SAFE_INTEGER]] },
  );
});

test("small seeds stay as they are, so that they differ", () => {
  const seeds = [0, 1, 2, 1234].map((seed) => resolveSampling({ ...valid, seed }).seed);
  assert.deepEqual(seeds, [0, 1, 2, 1234]);
});

test("without a seed each request draws its own", () => {
  const seeds = new Set(Array.from({ length: 20 }, () => resolveSampling(valid).seed));
  assert.ok(seeds.size > 15, `${seeds.size} different seeds of 20`);
});

test("values out of range are refused with the option's name", () => {
  const wrong = [
    { temperature: -0.1 },
    { temperature: Number.NaN },
    { temperature: Number.POSITIVE_INFINITY },
    { topP: 1.1 },
    { topP: -0.1 },
    { topP: Number.NaN },
    { topK: -1 },
    { topK: 1.5 },
    { seed: 0.5 },
    { seed: 2 ** 60 },
    { minP: 1.1 },
    { minP: Number.NaN },
    { frequencyPenalty: Number.NaN },
    { presencePenalty: Number.POSITIVE_INFINITY },
    { repeatPenalty: 0 },
  ];
  for (const option of wrong) {
    const name = Object.keys(option)[0] ?? "";
    assert.throws(() => resolveSampling({ ...valid, ...option }), new RegExp(`option ${name} `));
  }
});
