import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { spans as definitions, logEvents, miniserve } from "#miniserve";
import type { LogLine } from "../../stack/index.ts";
import { drawTrace } from "../../tests/support/traces/valid-trace.ts";
import { lineFaults } from "./checks.ts";

const seed = 34;
const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
assert.ok(draw);
const spans = drawTrace(draw, miniserve, { outcomes: ["completed"] });
const span = spans.find(({ name }) => name === definitions.tokenize.name);
assert.ok(span);

const [tokensIn] = Object.values(logEvents.inputTokenized.fields);
assert.ok(tokensIn);
const good: LogLine = {
  time: "2026-01-02T03:04:05.678Z",
  level: logEvents.inputTokenized.level,
  event: logEvents.inputTokenized.name,
  traceId: span.traceId,
  spanId: span.spanId,
  fields: { [tokensIn.key]: 23, pid: 1 },
};

test("a good line has no fault", () => {
  assert.deepEqual(lineFaults(miniserve, good, spans), []);
});

const elsewhere = spans.find(({ name }) => name === definitions.decode.name);
const faulty: readonly [what: string, change: Partial<LogLine>, fault: RegExp][] = [
  ["no span id", { spanId: undefined }, /has no span id/],
  ["a span id of no span", { spanId: "f".repeat(15) }, /which the trace has not/],
  ["another stage's span", { spanId: elsewhere?.spanId }, /was written in .*, not in /],
  ["an unknown event", { event: "no.such_event" }, /an event that the contract does not know/],
  ["another level", { level: "warn" }, /has the level warn, not info/],
  ["a missing field", { fields: {} }, /lacks the field/],
  ["a field of another type", { fields: { [tokensIn.key]: "23" } }, /that is not a whole number/],
  ["an unknown field", { fields: { ...good.fields, colour: 1 } }, /has the unknown field colour/],
  ["content", { fields: { ...good.fields, promptSent: 1 } }, /which stands for content/],
];

for (const [what, change, expected] of faulty) {
  test(`finds ${what}`, () => {
    const faults = lineFaults(miniserve, { ...good, ...change }, spans);
    assert.ok(
      faults.some((fault) => expected.test(fault)),
      faults.join("\n"),
    );
  });
}

test("never repeats a value", () => {
  const fields = { [tokensIn.key]: "a secret", colour: "a secret" };
  const faults = lineFaults(miniserve, { ...good, fields }, spans);
  assert.equal(faults.length, 2);
  assert.ok(!faults.join().includes("secret"));
});
