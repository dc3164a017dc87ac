import assert from "node:assert/strict";
import { test } from "node:test";
import { findValue } from "#contract";
import { spans as definitions, miniserve } from "#miniserve";
import { completeRequest } from "../../tests/support/traces/complete-request.ts";
import { checkRequest } from "./checks.ts";
import type { MadeRequest } from "./requests.ts";

const { attributes } = miniserve;

const spans = completeRequest(miniserve);

/** The value of a span's attribute, as plain as an answer has it. */
function valueIn({ name }: { name: string }, { key }: { key: string }) {
  const value = findValue(spans.find((span) => span.name === name)?.attributes ?? [], key);
  switch (value?.type) {
    case "int":
      return Number(value.value);
    case "string":
    case "bool":
      return value.value;
    default:
      return undefined;
  }
}

const numberIn = (...at: Parameters<typeof valueIn>) => {
  const value = valueIn(...at);
  return typeof value === "number" ? value : undefined;
};
const textIn = (...at: Parameters<typeof valueIn>) => {
  const value = valueIn(...at);
  return typeof value === "string" ? value : undefined;
};

/** A request whose answer said what its trace says; without log lines. */
function createRequest(change: Partial<MadeRequest["answer"]> = {}): MadeRequest {
  const { handler, prefill, decode } = definitions;
  return {
    name: "a request",
    route: textIn(handler, attributes.route) as MadeRequest["route"],
    streamed: valueIn(handler, attributes.streamed) === true,
    answer: {
      status: numberIn(handler, attributes.statusCode) ?? 0,
      traceId: spans[0]?.traceId,
      id: textIn(handler, attributes.requestId),
      model: textIn(handler, attributes.model),
      promptTokens: numberIn(prefill, attributes.tokensIn),
      completionTokens: numberIn(decode, attributes.tokensOut),
      finishReason: textIn(decode, attributes.stopReason),
      isComplete: true,
      durationMs: 1,
      ...change,
    },
    spans,
    readableAfterMs: 1,
    lines: [],
  };
}

test("a trace that says what its answer said has no fault, and its missing lines one", () => {
  const { faults } = checkRequest(miniserve, createRequest());
  assert.deepEqual(faults, {
    trace: [],
    tree: [],
    attributes: [],
    log: ["There are 0 lines with this trace id."],
  });
});

test("finds every difference between the answer and its trace", () => {
  const { faults } = checkRequest(
    miniserve,
    createRequest({ status: 418, id: "another", promptTokens: -1, completionTokens: -1 }),
  );
  assert.deepEqual(faults.trace, []);
  const keys = ["statusCode", "requestId", "tokensIn", "tokensOut"] as const;
  assert.equal(faults.attributes.length, keys.length);
  for (const [index, key] of keys.entries()) {
    assert.ok(faults.attributes[index]?.includes(attributes[key].key), faults.attributes[index]);
  }
});

test("sorts violations into tree and attributes", () => {
  const request = createRequest({ isComplete: false });
  const { meanStepMs } = attributes;
  const broken = request.spans
    .filter(({ name }) => name !== definitions.format.name)
    .map((span) => ({
      ...span,
      attributes: span.attributes.filter(({ key }) => key !== meanStepMs.key),
    }));
  const { faults } = checkRequest(miniserve, { ...request, spans: broken });
  assert.equal(faults.tree[0], "The stream did not end with [DONE].");
  assert.ok(faults.tree.some((fault) => fault.includes("missing-span")));
  assert.ok(faults.attributes.some((fault) => fault.includes("missing-attribute")));
});

test("a trace that is not there fails all checks", () => {
  for (const [change, fault] of [
    [{ traceId: undefined }, /has no X-Trace-Id/],
    [{ traceId: "0".repeat(32) }, /is not 32 lower-case hexadecimal digits/],
    [{}, /The store does not have/],
  ] as const) {
    const { faults } = checkRequest(miniserve, { ...createRequest(change), spans: [] });
    assert.match(faults.trace[0] ?? "", fault);
    assert.ok(Object.values(faults).every((found) => found.length > 0));
  }
});
