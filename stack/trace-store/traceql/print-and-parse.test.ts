import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseQuery, printQuery, type Query } from "#traceql";
import { conformanceQueries } from "./conformance/queries.ts";
import { normalizeQuery } from "./testing/oracle/meaning.ts";
import { metricsQuery, searchQuery } from "./testing/oracle/random-queries.ts";

/** What is printed must mean the same, and be printed alike when it is read again. */
function assertStable(query: Query): void {
  const printed = printQuery(query);
  const read = parseQuery(printed);
  assert.equal(normalizeQuery(read), normalizeQuery(query), printed);
  assert.equal(parsedAndPrinted(printQuery(read)), printQuery(read));
}

function parsedAndPrinted(text: string): string {
  return printQuery(parseQuery(text));
}

test("every query of the conformance table survives printing and reading", () => {
  const { searches, metrics } = conformanceQueries("conformance");
  assert.ok(searches.length + metrics.length > 600);
  for (const text of [...searches, ...metrics]) {
    assertStable(parseQuery(text));
  }
});

test("random queries survive it, with no more parentheses than a reader needs", () => {
  fc.assert(fc.property(fc.oneof(searchQuery, metricsQuery), assertStable), { numRuns: 2_000 });
});
