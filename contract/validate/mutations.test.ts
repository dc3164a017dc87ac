import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkout, plainCheckout } from "../../tests/support/traces/checkout.ts";
import { holds, pick } from "../../tests/support/traces/draw.ts";
import { drawTrace } from "../../tests/support/traces/valid-trace.ts";
import type { Contract } from "../define/contract.ts";
import { miniserve } from "../miniserve/index.ts";
import type { Span } from "../otlp/span.ts";
import { mutationsOfAttributes } from "../testing/mutations-of-attributes.ts";
import { mutationsOfInvariants } from "../testing/mutations-of-invariants.ts";
import { mutationsOfOutcomes } from "../testing/mutations-of-outcomes.ts";
import { mutationsOfStatuses } from "../testing/mutations-of-statuses.ts";
import { mutationsOfTrees } from "../testing/mutations-of-trees.ts";
import { type Mutation, readScene } from "../testing/trace-fixture.ts";
import { validateTrace } from "./validate-trace.ts";
import { rules, type Violation } from "./violation.ts";

const mutations: readonly Mutation[] = [
  ...mutationsOfTrees,
  ...mutationsOfAttributes,
  ...mutationsOfStatuses,
  ...mutationsOfOutcomes,
  ...[miniserve, checkout].flatMap(mutationsOfInvariants),
];

interface ValidTrace {
  readonly contract: Contract;
  readonly spans: readonly Span[];
}

const traces: ValidTrace[] = [];

test("valid traces to make wrong", (t) => {
  for (const [contract, runs] of [
    [miniserve, 250],
    [checkout, 150],
    [plainCheckout, 50],
  ] as const) {
    holds(t, runs, (draw) => {
      const spans = drawTrace(draw, contract);
      assert.deepEqual(validateTrace(contract, spans), []);
      traces.push({ contract, spans });
    });
  }
});

for (const mutation of mutations) {
  test(`found: ${mutation.name}`, (t) => {
    const usable = traces.filter(({ contract }) => (mutation.contract ?? contract) === contract);
    holds(t, 100, (draw) => {
      const { contract, spans } = pick(draw, usable);
      const mutated = mutation.apply(readScene(contract, spans, draw));
      fc.pre(mutated !== undefined);
      const found = validateTrace(contract, mutated);
      const ruleNames = found.map(({ rule }) => rule).join(", ");
      assert.ok(
        found.some(({ rule }) => rule === mutation.rule),
        `${mutation.rule} is not among ${ruleNames}`,
      );
      // Of two spans with one id, the first is taken: there the order does matter.
      if (mutation.rule !== "duplicate-span-id") {
        const reversed = validateTrace(contract, mutated.toReversed());
        assert.deepEqual(inAnyOrder(reversed), inAnyOrder(found));
      }
    });
  });
}

function inAnyOrder(violations: readonly Violation[]): string[] {
  return violations.map(({ rule, spanName }) => `${rule} of ${spanName}`).sort();
}

test("every rule is broken by some mutation", () => {
  const broken = new Set(mutations.map(({ rule }) => rule));
  assert.deepEqual(
    Object.keys(rules).filter((rule) => !broken.has(rule)),
    [],
  );
});
