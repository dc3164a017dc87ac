import assert from "node:assert/strict";
import { test } from "node:test";
import { holds } from "../../tests/support/traces/draw.ts";
import { drawTrace } from "../../tests/support/traces/valid-trace.ts";
import { miniserve } from "../miniserve/index.ts";
import type { KeyValue, SpanEvent, Value } from "../otlp/span.ts";
import { validateTrace } from "./validate-trace.ts";
import { rules } from "./violation.ts";

test("no invariant has the name of a rule that every trace is judged by", () => {
  const names = miniserve.invariants.map(({ rule }) => rule);
  assert.deepEqual(
    names.filter((name) => name in rules),
    [],
  );
});

test("a violation repeats no value of a string, a message or an event", (t) => {
  const secret = "Once upon a time";
  const spoil = (attributes: readonly KeyValue[]): KeyValue[] =>
    attributes.map(({ key, value }) =>
      key === "service.name" ? { key, value } : { key, value: spoiledValue(value) },
    );
  const spoiledValue = (value: Value): Value =>
    value.type === "string" ? { type: "string", value: secret } : { type: "bytes", value: bytes };
  const stray: SpanEvent = {
    timeUnixNano: 0n,
    name: secret,
    attributes: [],
    droppedAttributesCount: 0,
  };
  const bytes = new TextEncoder().encode(secret);
  holds(t, 100, (draw) => {
    const spans = drawTrace(draw, miniserve).map((span) => ({
      ...span,
      attributes: spoil(span.attributes),
      events: [...span.events, stray].map((event) => ({
        ...event,
        attributes: spoil(event.attributes),
      })),
      status: { ...span.status, message: secret },
      traceState: secret,
      resource: { ...span.resource, attributes: spoil(span.resource.attributes) },
    }));
    const violations = validateTrace(miniserve, spans);
    assert.ok(violations.length > 0);
    assert.ok(!JSON.stringify(violations).includes(secret));
  });
});

test("how far a stage is outside its parent is said of the end that is", (t) => {
  holds(t, 50, (draw) => {
    const spans = drawTrace(draw, miniserve);
    const child = spans.find(({ name }) => name === miniserve.spans.tokenize.name);
    const parent = spans.find(({ spanId }) => spanId === child?.parentSpanId);
    if (child === undefined || parent === undefined) {
      return;
    }
    const late = {
      startTimeUnixNano: parent.startTimeUnixNano,
      endTimeUnixNano: parent.endTimeUnixNano + 5n,
    };
    const moved = spans.map((span) => (span === child ? { ...span, ...late } : span));
    const seen = validateTrace(miniserve, moved)
      .filter(({ rule, spanId }) => rule === "outside-parent" && spanId === child.spanId)
      .map((violation) => violation.seen);
    assert.deepEqual(seen, ["5 ns after its end"]);
  });
});
