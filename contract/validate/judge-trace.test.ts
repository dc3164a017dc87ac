import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkout } from "../../tests/support/traces/checkout.ts";
import { completeRequest } from "../../tests/support/traces/complete-request.ts";
import { drawTrace } from "../../tests/support/traces/valid-trace.ts";
import type { Span } from "../otlp/span.ts";
import { judgeTrace, notJudgedLines, requestRoots } from "./judge-trace.ts";
import { validateTrace } from "./validate-trace.ts";

const seed = 34;

/** A root alone, which lacks what its outcome needs. */
const request = completeRequest(checkout, {
  outcome: "refused",
  spans: { checkout: { values: { refusal: undefined } } },
});

/** The same spans as those of another service, failed, and made by another tracer. */
function of(serviceName: string | undefined, scopeName = "other-tracer"): Span[] {
  return request.map((span, index) => ({
    ...span,
    spanId: `${index}`.padStart(16, "c"),
    name: "place order",
    status: { code: "error", message: "" },
    scope: { ...span.scope, name: scopeName },
    resource: {
      ...span.resource,
      attributes:
        serviceName === undefined
          ? []
          : [{ key: "service.name", value: { type: "string", value: serviceName } }],
    },
  }));
}

test("a trace of a service that no contract declares is not judged", () => {
  const judgement = judgeTrace(checkout, of("bakery"));
  assert.deepEqual(judgement.judged, []);
  assert.deepEqual(judgement.violations, []);
  assert.deepEqual(notJudgedLines(judgement), [
    "bakery is not a service of a contract: not judged.",
  ]);
  assert.deepEqual(notJudgedLines(judgeTrace(checkout, [...of("shop"), ...of(undefined)])), [
    "shop and a service without a name are not services of a contract: not judged.",
  ]);
});

test("of a trace of several services it is said which part is judged", () => {
  const judgement = judgeTrace(checkout, [...request, ...of("bakery")]);
  assert.deepEqual(judgement.judged, [{ service: "checkout", spans: request.length }]);
  assert.ok(
    judgement.violations.every(({ spanName }) => spanName === checkout.spans.checkout.name),
  );
  assert.match(
    notJudgedLines(judgement).join(""),
    /^Only what is of checkout \(\d+ spans?\) is judged\. bakery is not a service of a contract: not judged\.$/,
  );
});

test("a trace of the contract's own service alone needs no such sentence", () => {
  assert.deepEqual(notJudgedLines(judgeTrace(checkout, request)), []);
});

test("a server under another name is judged, and so is what its tracer made and does not name", () => {
  const renamed = request.map((span) => ({
    ...span,
    scope: { ...span.scope, name: checkout.tracerName },
    resource: {
      ...span.resource,
      attributes: [{ key: "service.name", value: { type: "string", value: "blue" } as const }],
    },
  }));
  const judgement = judgeTrace(checkout, renamed);
  assert.deepEqual(judgement.judged, [{ service: "blue", spans: request.length }]);
  assert.ok(judgement.violations.length > 0);
  const nameless = judgeTrace(checkout, of(undefined, checkout.tracerName));
  assert.deepEqual(notJudgedLines(nameless), []);
  assert.ok(nameless.violations.length > 0);
});

test("a root that names no service is judged once", (t) => {
  t.diagnostic(`seed ${seed}`);
  const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  assert.ok(draw);
  const key = checkout.resource.attributes.service.key;
  const spans = drawTrace(draw, checkout, { outcomes: ["ordered"] }).map((span) => ({
    ...span,
    scope: { ...span.scope, name: checkout.tracerName },
    resource: {
      ...span.resource,
      attributes: span.resource.attributes.filter((attribute) => attribute.key !== key),
    },
  }));
  const { violations } = judgeTrace(checkout, spans);
  assert.ok(violations.length > 0);
  assert.deepEqual(violations, validateTrace(checkout, spans));
});

test("roots are those of the contract's tracer or service, not what others call the same", () => {
  const calledSame = of("bakery").map((span) => ({ ...span, name: checkout.spans.checkout.name }));
  assert.deepEqual(requestRoots(checkout, [...calledSame, ...request]), request);
  const ofOtherName = of("another", checkout.tracerName).map((span) => ({
    ...span,
    name: checkout.spans.checkout.name,
  }));
  assert.deepEqual(requestRoots(checkout, ofOtherName), ofOtherName);
});
