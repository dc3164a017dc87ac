import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { drawTrace } from "../../tests/support/traces/valid-trace.ts";
import { spansOf } from "../../tests/support/traces/written-request.ts";
import { miniserve } from "../miniserve.ts";
import type { Span } from "../otlp/span.ts";
import { judgeTrace, notJudgedLines, requestRoots } from "./judge-trace.ts";
import { validateTrace } from "./validate-trace.ts";

const seed = 34;

const request = spansOf({ name: "http.handler" });

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
  const judgement = judgeTrace(miniserve, of("checkout"));
  assert.deepEqual(judgement.judged, []);
  assert.deepEqual(judgement.violations, []);
  assert.deepEqual(notJudgedLines(judgement), [
    "checkout is not a service of a contract: not judged.",
  ]);
  assert.deepEqual(notJudgedLines(judgeTrace(miniserve, [...of("shop"), ...of(undefined)])), [
    "shop and a service without a name are not services of a contract: not judged.",
  ]);
});

test("of a trace of several services it is said which part is judged", () => {
  const judgement = judgeTrace(miniserve, [...request, ...of("checkout")]);
  assert.deepEqual(judgement.judged, [{ service: "miniserve", spans: request.length }]);
  assert.ok(judgement.violations.every(({ spanName }) => spanName === "http.handler"));
  assert.match(
    notJudgedLines(judgement).join(""),
    /^Only what is of miniserve \(\d+ spans?\) is judged\. checkout is not a service of a contract: not judged\.$/,
  );
});

test("a trace of the contract's own service alone needs no such sentence", () => {
  assert.deepEqual(notJudgedLines(judgeTrace(miniserve, request)), []);
});

test("a server under another name is judged, and so is what its tracer made and does not name", () => {
  const renamed = request.map((span) => ({
    ...span,
    scope: { ...span.scope, name: miniserve.tracerName },
    resource: {
      ...span.resource,
      attributes: [{ key: "service.name", value: { type: "string", value: "blue" } as const }],
    },
  }));
  const judgement = judgeTrace(miniserve, renamed);
  assert.deepEqual(judgement.judged, [{ service: "blue", spans: request.length }]);
  assert.ok(judgement.violations.length > 0);
  const nameless = judgeTrace(miniserve, of(undefined, miniserve.tracerName));
  assert.deepEqual(notJudgedLines(nameless), []);
  assert.ok(nameless.violations.length > 0);
});

test("a root that names no service is judged once", (t) => {
  t.diagnostic(`seed ${seed}`);
  const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  assert.ok(draw);
  const key = miniserve.resource.attributes.serviceName?.key;
  const spans = drawTrace(draw, miniserve, { outcomes: ["completed"] }).map((span) => ({
    ...span,
    scope: { ...span.scope, name: miniserve.tracerName },
    resource: {
      ...span.resource,
      attributes: span.resource.attributes.filter((attribute) => attribute.key !== key),
    },
  }));
  const { violations } = judgeTrace(miniserve, spans);
  assert.ok(violations.length > 0);
  assert.deepEqual(violations, validateTrace(miniserve, spans));
});

test("roots are those of the contract's tracer or service, not what others call the same", () => {
  const calledSame = of("checkout").map((span) => ({ ...span, name: "http.handler" }));
  assert.deepEqual(requestRoots(miniserve, [...calledSame, ...request]), request);
  const ofOtherName = of("another", miniserve.tracerName).map((span) => ({
    ...span,
    name: "http.handler",
  }));
  assert.deepEqual(requestRoots(miniserve, ofOtherName), ofOtherName);
});
