import assert from "node:assert/strict";
import { test } from "node:test";
import { checkout, plainCheckout } from "../../tests/support/traces/checkout.ts";
import { holds } from "../../tests/support/traces/draw.ts";
import { drawTrace } from "../../tests/support/traces/valid-trace.ts";
import type { Contract } from "../define/contract.ts";
import { miniserve } from "../miniserve/index.ts";
import { findValue, type Span } from "../otlp/span.ts";
import {
  laterStages,
  type OwnSpan,
  outcomeIn,
  readScene,
  type Scene,
  treeIn,
} from "../testing/trace-fixture.ts";
import { validateTrace } from "./validate-trace.ts";

for (const [name, contract] of Object.entries({ miniserve, checkout, plainCheckout })) {
  test(`no violation in any valid trace: ${name}`, (t) => {
    const seen = new Set<string>();
    holds(t, 500, (draw) => {
      const spans = drawTrace(draw, contract);
      assert.deepEqual(validateTrace(contract, spans), []);
      for (const kind of kindsIn(readScene(contract, spans, draw))) {
        seen.add(kind);
      }
    });
    const unseen = listViolationKinds(contract).filter((kind) => !seen.has(kind));
    assert.deepEqual(unseen, [], "the traces that were drawn do not show all that there can be");
  });
}

/** All that the drawn traces of a contract must show. */
function listViolationKinds(contract: Contract): string[] {
  const definitions = Object.values(contract.spans);
  const outcomes = contract.outcomes?.byName ?? {};
  const isInterruptible = Object.values(outcomes).some(({ tree }) => tree === "interrupted");
  return [
    ...Object.keys(outcomes).map((outcome) => `outcome ${outcome}`),
    ...definitions.map(({ name }) => `${name} threw`),
    ...(isInterruptible ? definitions.map(({ name }) => `${name} was the last of a request`) : []),
    "a request without a parent",
    "a request with a remote parent",
    "a request below a span of the service",
    "a request below another service, below a request",
    "a span of another service, with a name of the contract",
    "a whole double as an integer",
    "a stage that takes no time",
  ];
}

function kindsIn(scene: Scene): string[] {
  return [...scene.own.flatMap((own) => kindsOfOwn(scene, own)), ...kindsOfForeign(scene)];
}

function kindsOfOwn(scene: Scene, own: OwnSpan): string[] {
  const { span, definition, parent } = own;
  const outcome = Object.entries(scene.contract.outcomes?.byName ?? {}).find(
    ([, candidate]) => candidate === outcomeIn(scene, own),
  );
  const isLast = treeIn(scene, own) === "interrupted" && laterStages(scene, own).length === 0;
  const takesTime = span.startTimeUnixNano < span.endTimeUnixNano;
  const doubles = Object.values(definition.attributes).filter(({ type }) => type === "double");
  const hasWholeDouble = doubles.some(({ key }) => findValue(span.attributes, key)?.type === "int");
  return [
    ...(outcome === undefined ? [] : [`outcome ${outcome[0]}`]),
    ...(span.events.length > 0 ? [`${span.name} threw`] : []),
    ...(isLast ? [`${span.name} was the last of a request`] : []),
    ...(definition.parent === null ? [kindOfParent(scene, span)] : []),
    ...(hasWholeDouble ? ["a whole double as an integer"] : []),
    ...(parent !== undefined && !takesTime ? ["a stage that takes no time"] : []),
  ];
}

function kindOfParent({ spans, own, foreign }: Scene, { parentSpanId }: Span): string {
  const isOwn = (spanId: string | null) => own.some(({ span }) => span.spanId === spanId);
  const other = foreign.find(({ spanId }) => spanId === parentSpanId);
  if (other !== undefined) {
    return isOwn(other.parentSpanId)
      ? "a request below another service, below a request"
      : "a request below another service";
  }
  if (parentSpanId === null) {
    return "a request without a parent";
  }
  return isOwn(parentSpanId) && spans.length > 1
    ? "a request below a span of the service"
    : "a request with a remote parent";
}

function kindsOfForeign({ contract, foreign }: Scene): string[] {
  const names = Object.values(contract.spans).map(({ name }) => name);
  return foreign.some(({ name }) => names.includes(name))
    ? ["a span of another service, with a name of the contract"]
    : [];
}
