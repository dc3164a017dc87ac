import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryDirectory } from "../../../../tests/support/temporary-directory.ts";
import { assertExpected } from "../testing/assert-expected.ts";
import { answerDataSet } from "./answer-data-set.ts";
import { conformanceQueries } from "./queries.ts";

test("every query of the conformance table has the answer that stands in expected.json", async () => {
  const { searches, metrics, invalid } = conformanceQueries("conformance");
  const asked = new Set([...searches, ...metrics, ...invalid]);
  assert.ok(asked.size >= 250, `only ${asked.size} queries`);
  assertExpected(await answerDataSet(temporaryDirectory(), (spans) => [spans]));
});
