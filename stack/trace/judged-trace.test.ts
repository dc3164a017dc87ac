import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { miniserve, validateTrace } from "#contract";
import { drawTrace } from "../../tests/support/traces/valid-trace.ts";
import { judge } from "./judged-trace.ts";

const seed = 34;

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
  const violations = judge(miniserve, spans);
  assert.ok(violations.length > 0);
  assert.deepEqual(violations, validateTrace(miniserve, spans));
});
