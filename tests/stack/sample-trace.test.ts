import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readOtlpJson, requestRoots, validateTrace, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { checkout } from "./stack-under-test.ts";

const file = join(checkout, "experiments", "34-traces", "sample-trace.json");

test("the committed sample is one request, as contracted, in OTLP JSON", () => {
  const written = readFileSync(file, "utf8");
  const document = JSON.parse(written);
  assert.deepEqual(Object.keys(document), ["resourceSpans"]);
  const { spans, faults } = readOtlpJson(document);
  assert.deepEqual(faults, []);
  assert.deepEqual(validateTrace(miniserve, spans), []);
  assert.equal(requestRoots(miniserve, spans).length, 1);
  // As trace:export writes it: ids in hex, numbers for enumerations.
  assert.deepEqual(document.resourceSpans, writeResourceSpans(spans, "otlp"));
});
