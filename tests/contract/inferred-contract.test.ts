/** A contract that was inferred from traces has nothing to say against them. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { type Contract, judgeTrace, type Span } from "#contract";
import { inferContract } from "#infer";
import { miniserve } from "#miniserve";
import { checkout, plainCheckout } from "../support/traces/checkout.ts";
import type { Draw } from "../support/traces/draw.ts";
import { drawContract } from "../support/traces/random-contract.ts";
import { drawTrace } from "../support/traces/valid-trace.ts";
import { withWireName } from "../support/wire-names.ts";

const seed = 34;

function drawTraces(draw: Draw, contract: Contract) {
  const count = draw(fc.integer, { min: 1, max: 12 });
  return Array.from({ length: count }, (_, index) => {
    const traceId = `${index + 1}`.padStart(32, "0");
    const spans: Span[] = drawTrace(draw, contract).map((span) => ({ ...span, traceId }));
    return { traceId, spans };
  });
}

function accepts(t: TestContext, runs: number, choose: (draw: Draw) => Contract): void {
  let judged = 0;
  let strict = 0;
  t.diagnostic(`seed ${seed}, ${runs} runs`);
  const property = fc.property(fc.gen(), (draw) => {
    const contract = choose(draw);
    const { serviceName, defaults } = contract.resource;
    const read = drawTraces(draw, contract);
    const inferred = inferContract(defaults[serviceName] ?? "", read);
    assert.ok(inferred);
    for (const { spans } of inferred.traces) {
      const { violations, requests } = judgeTrace(inferred.contract, spans);
      assert.deepEqual(violations, [], JSON.stringify(inferred.findings));
      assert.ok(requests.length > 0);
      judged++;
    }
    strict += inferred.draft.failures === "by-rule" ? 1 : 0;
  });
  // A smaller case is no clearer, and is long in coming.
  fc.assert(property, { seed, numRuns: runs, endOnFailure: true });
  t.diagnostic(`${judged} traces judged, ${strict} of ${runs} contracts strict`);
  assert.ok(judged > runs);
}

test("what clients write of themselves is left out: the next one writes another", () => {
  const called = withWireName(plainCheckout, "shop.cart.id", "http.user_agent");
  const draws = fc.sample(fc.gen(), { seed, numRuns: 1 });
  const inferred = draws.map((draw) => inferContract("checkout", drawTraces(draw, called)));
  assert.deepEqual(inferred[0]?.contract.undeclared, ["http.user_agent"]);
});

test("nothing is learnt from spans that are parents of each other, or of themselves", () => {
  const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  const [whole, ...others] = draw === undefined ? [] : drawTraces(draw, plainCheckout);
  const [first, second] = whole?.spans ?? [];
  assert.ok(whole && first && second);
  const traceId = "f".repeat(32);
  const circles = [
    { ...first, traceId, parentSpanId: second.spanId },
    { ...second, traceId, parentSpanId: first.spanId },
    { ...second, traceId, spanId: "ab".repeat(8), parentSpanId: "ab".repeat(8) },
  ];
  const inferred = inferContract("checkout", [whole, ...others, { traceId, spans: circles }]);
  assert.ok(inferred);
  assert.ok(!inferred.traces.some((trace) => trace.traceId === traceId));
});

test("of any contract", (t) => accepts(t, 300, drawContract));
test("of miniserve", (t) => accepts(t, 60, () => miniserve));
test("of another service", (t) => accepts(t, 60, () => checkout));
test("of one without outcomes", (t) => accepts(t, 60, () => plainCheckout));
