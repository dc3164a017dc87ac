import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTraces, type Span } from "#contract";
import { checkout } from "../../../../tests/support/traces/checkout.ts";
import { completeRequest, randomHex } from "../../../../tests/support/traces/complete-request.ts";
import { answerCheck, createSampleQuery } from "./contract-sample.ts";

const nowMs = Date.UTC(2030, 0, 1);

function answer(...changes: ((span: Span) => Span)[]) {
  const traces = changes.map((change) => {
    const traceId = randomHex(16);
    return { traceId, spans: completeRequest(checkout, { traceId }).map(change) };
  });
  return answerCheck(checkTraces(checkout, traces, nowMs));
}

const same = (span: Span) => span;
const withColour = (span: Span): Span => ({
  ...span,
  attributes: [...span.attributes, { key: "shop.colour", value: { type: "string", value: "red" } }],
});
const ofNoTracer = (span: Span) => ({ ...span, scope: { ...span.scope, name: "" } });

test("the answer is yes, no, or that nobody knows", () => {
  assert.deepEqual([answer().state, answer().findings], ["unknown", []]);
  assert.equal(answer(same).sentence, "Yes: the only trace is as contracted.");
  assert.equal(answer(same, same).sentence, "Yes: all of 2 traces are as contracted.");
  assert.equal(answer(same, withColour).sentence, "No: 1 of 2 traces breaks it.");
  assert.equal(answer(withColour, withColour).sentence, "No: 2 of 2 traces break it.");
});

test("what concerns most traces is shown, and how much there is besides", () => {
  const { findings, others } = answer(ofNoTracer, ofNoTracer, withColour);
  assert.ok(findings.every(({ share }) => share === "2 of 3 traces"));
  assert.equal(findings.length, 5);
  const spans = completeRequest(checkout).length;
  assert.equal(others, 2 * spans - 5);
  const [first] = answer(withColour).findings;
  assert.match(first?.about ?? "", / · shop\.colour$/);
  assert.equal(first?.sentence, "No contract has this attribute.");
});

test("asked for are the newest traces of the service", () => {
  assert.equal(
    createSampleQuery(checkout),
    '{ resource.service.name = "checkout" } with (most_recent=true)',
  );
});
