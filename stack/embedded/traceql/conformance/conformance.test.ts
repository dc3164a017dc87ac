import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Span } from "#contract";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { answerDataSet } from "./answer-data-set.ts";
import type { ConformanceAnswers } from "./answers.ts";
import { conformanceQueries } from "./queries.ts";

const expected = JSON.parse(
  readFileSync(new URL("expected.json", import.meta.url), "utf8"),
) as ConformanceAnswers;

function assertExpected(answers: ConformanceAnswers): void {
  const wrong = Object.keys({ ...expected, ...answers }).filter(
    (query) => JSON.stringify(answers[query]) !== JSON.stringify(expected[query]),
  );
  assert.deepEqual(
    wrong.map((query) => ({ query, answer: answers[query], expected: expected[query] })),
    [],
  );
}

test("every query of the conformance table has the answer that stands in expected.json", async () => {
  const { searches, metrics, invalid } = conformanceQueries("conformance");
  const asked = new Set([...searches, ...metrics, ...invalid]);
  assert.ok(asked.size >= 250, `only ${asked.size} queries`);
  assertExpected(await answerDataSet(temporaryDirectory(), (spans) => [spans]));
});

test("the spans in another order, in many exports, some of them sent again, give the same answers", async () => {
  const turnedAndCut = (spans: readonly Span[]) => {
    const turned = spans.toReversed();
    const cut = Array.from({ length: Math.ceil(turned.length / 97) }, (_, index) =>
      turned.slice(index * 97, (index + 1) * 97),
    );
    return [...cut, ...cut.slice(3, 6)];
  };
  assertExpected(await answerDataSet(temporaryDirectory(), turnedAndCut));
});
