import assert from "node:assert/strict";
import { test } from "node:test";
import { validateTrace } from "#contract";
import { miniserve } from "#miniserve";
import { completeRequest } from "../../../tests/support/traces/complete-request.ts";
import { SyntheticTraces } from "./span-load.ts";

const startNs = 1_763_800_000_000_000_000n;

function traces(seed: number, count: number) {
  const source = new SyntheticTraces(seed);
  return Array.from({ length: count }, () => source.next(startNs));
}

test("the traces are as the contract wants them", () => {
  assert.deepEqual(validateTrace(miniserve, traces(1, 500).flat()), []);
});

test("they are of all kinds: with retrieval and without, whole and failed", () => {
  const kinds = [{}, { outcome: "failed", cut: "decode" }] as const;
  const expected = kinds.flatMap((kind) =>
    [[], ["retrieve"] as const].map(
      (wanted) => completeRequest(miniserve, { ...kind, with: wanted }).length,
    ),
  );
  const lengths = new Set(traces(2, 2_000).map((trace) => trace.length));
  assert.deepEqual(lengths, new Set(expected));
});

test("the same seed gives the same traces, and another one others", () => {
  assert.deepEqual(traces(3, 20), traces(3, 20));
  assert.notDeepEqual(traces(3, 1), traces(4, 1));
});
