import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attribute } from "../define/attribute.ts";
import { attributes } from "./attributes.ts";
import { miniserve } from "./contract.ts";
import { logFields } from "./log-fields.ts";

test("whatever can be set has a meaning and examples; numbers that are measured have a unit", () => {
  for (const { key, type, brief, examples, unit } of all) {
    assert.match(brief, sentence, key);
    assert.ok(examples.length > 0, key);
    const hint = `${key}: a double needs a unit; "1" if it has none`;
    assert.ok(type !== "double" || unit !== undefined, hint);
  }
  const named = [...Object.values(miniserve.spans), ...Object.values(miniserve.logEvents)];
  for (const { name, brief } of named) {
    assert.match(brief, sentence, name);
  }
});

test("a string has a list or a pattern, unless whoever runs the service sets it", () => {
  const open = all.filter(
    ({ type, pattern, values }) =>
      type === "string" && pattern === undefined && values === undefined,
  );
  assert.deepEqual(
    open.map(({ key }) => key),
    ["service.version", "deployment.environment"],
  );
});

const sentence = /^\S.{5,}[.]$/;
const all: readonly Attribute[] = [
  ...Object.values(logFields),
  ...Object.values(miniserve.resource.attributes),
];

test("every attribute of the contract is on a span", () => {
  const used = new Set(
    Object.values(miniserve.spans).flatMap((span) => Object.keys(span.attributes)),
  );
  assert.deepEqual(
    Object.keys(attributes).filter((identifier) => !used.has(identifier)),
    [],
  );
});

test("every field of the log lines is in a line, or on a span", () => {
  const used = new Set([
    ...Object.keys(attributes),
    ...Object.values(miniserve.logEvents).flatMap(({ fields }) => Object.keys(fields)),
  ]);
  assert.deepEqual(
    Object.keys(logFields).filter((identifier) => !used.has(identifier)),
    [],
  );
});

test("a request that completes writes the lines that its outcome says", () => {
  const story = Object.values(miniserve.logEvents).filter(({ span }) => span !== null);
  const { logLines } = miniserve.outcomes?.byName.completed ?? {};
  const generating = story.filter(
    ({ span }) => !["embedInput", "rerankInput"].includes(span ?? ""),
  );
  const withoutRetrieval = generating.filter(({ span }) => span !== "retrieve");
  assert.equal(withoutRetrieval.length, 7);
  // One that embeds or ranks writes four.
  assert.ok(logLines && logLines.min <= 4 && generating.length <= logLines.max);
});
