/** For tests: whether answers are those that are committed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ConformanceAnswers } from "../conformance/answers.ts";

const expected = JSON.parse(
  readFileSync(new URL("../conformance/expected.json", import.meta.url), "utf8"),
) as ConformanceAnswers;

export function assertExpected(answers: ConformanceAnswers): void {
  const wrong = Object.keys({ ...expected, ...answers }).filter(
    (query) => JSON.stringify(answers[query]) !== JSON.stringify(expected[query]),
  );
  assert.deepEqual(
    wrong.map((query) => ({ query, answer: answers[query], expected: expected[query] })),
    [],
  );
}
