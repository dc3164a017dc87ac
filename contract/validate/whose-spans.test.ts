import assert from "node:assert/strict";
import { test } from "node:test";
import { checkout } from "../../tests/support/traces/checkout.ts";
import { completeRequest } from "../../tests/support/traces/complete-request.ts";
import type { Span } from "../otlp/span.ts";
import { validateTrace } from "./validate-trace.ts";

/** A root that lacks what its outcome needs: a sure violation, wherever it is judged. */
const lacking = {
  outcome: "refused",
  traceId: "a".repeat(32),
  spans: { checkout: { values: { refusal: undefined } } },
} as const;
const broken = completeRequest(checkout, lacking);

function of(spans: readonly Span[], serviceName: string): Span[] {
  return spans.map((span) => ({
    ...span,
    resource: {
      ...span.resource,
      attributes: span.resource.attributes.map(({ key, value }) =>
        key === "service.name"
          ? { key, value: { type: "string", value: serviceName } }
          : { key, value },
      ),
    },
  }));
}

function rulesBrokenBy(spans: readonly Span[], serviceName?: string): string[] {
  const options = serviceName === undefined ? {} : { serviceName };
  return [...new Set(validateTrace(checkout, spans, options).map(({ rule }) => rule))];
}

test("spans of another service are not judged, whatever they are called", () => {
  assert.deepEqual(rulesBrokenBy(broken), ["missing-attribute"]);
  assert.deepEqual(rulesBrokenBy(of(broken, "other")), []);
  assert.deepEqual(rulesBrokenBy([]), []);
});

test("a service that runs under another name is judged when it is named", () => {
  assert.deepEqual(rulesBrokenBy(of(broken, "other"), "other"), ["missing-attribute"]);
  assert.deepEqual(rulesBrokenBy(broken, "other"), []);
});

test("spans of the contract's tracer that do not say whose they are, are judged", () => {
  const nameless = broken.map((span) => ({
    ...span,
    resource: { ...span.resource, attributes: [] },
  }));
  assert.deepEqual(rulesBrokenBy(nameless), ["missing-resource-attribute", "missing-attribute"]);
});

test("spans are judged trace by trace", () => {
  const again = broken.map((span) => ({ ...span, traceId: "b".repeat(32) }));
  const violations = validateTrace(checkout, [...broken, ...again]);
  assert.deepEqual(
    new Set(violations.map(({ traceId }) => traceId)),
    new Set(["a".repeat(32), "b".repeat(32)]),
  );
  assert.ok(violations.every(({ rule }) => rule === "missing-attribute"));
});

/** The same with a stage. */
const withStage = completeRequest(checkout, { ...lacking, last: "cart" });

test("an id that a span of another service has too is told, in any order of the spans", () => {
  const [root] = withStage;
  const shared = [...withStage, ...of(root === undefined ? [] : [root], "other")];
  for (const spans of [shared, shared.toReversed()]) {
    assert.deepEqual(rulesBrokenBy(spans).sort(), ["duplicate-span-id", "missing-attribute"]);
  }
});

test("a trace that arrives twice breaks no other rule", () => {
  const twice = [...withStage, ...structuredClone(withStage)];
  assert.deepEqual(rulesBrokenBy(twice).sort(), ["duplicate-span-id", "missing-attribute"]);
});
