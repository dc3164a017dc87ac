import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { miniserve, readOtlpJson } from "#contract";
import { openStore } from "../../store/index.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { createTraceqlEngine } from "../index.ts";
import { askAll, type ConformanceAnswers } from "./answers.ts";
import { conformanceQueries } from "./queries.ts";

/** 2026-01-01 less five minutes, so that all of the data set is in whole steps. */
const range = { startNs: 1_767_225_300_000_000_000n, endNs: 1_767_225_660_000_000_000n };

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
}

test("every query of the conformance list has the answer that stands in expected.json", async (context) => {
  const { spans, faults } = readOtlpJson(readJson("data-set.json"));
  assert.deepEqual(faults, []);
  const store = await openStore(miniserve, { directory: temporaryDirectory() });
  context.after(() => store.close());
  await store.append(spans);
  const queries = conformanceQueries("conformance");
  const answers = await askAll(createTraceqlEngine(store), queries, range);
  const asked = [...queries.searches, ...queries.metrics, ...queries.invalid];
  assert.ok(new Set(asked).size >= 250, `only ${new Set(asked).size} queries`);
  const expected = readJson("expected.json") as ConformanceAnswers;
  const wrong = Object.keys({ ...expected, ...answers }).filter(
    (query) => JSON.stringify(answers[query]) !== JSON.stringify(expected[query]),
  );
  assert.deepEqual(
    wrong.map((query) => ({ query, answer: answers[query], expected: expected[query] })),
    [],
  );
});

test("the same spans in another order and in several exports give the same answers", async (context) => {
  const { spans } = readOtlpJson(readJson("data-set.json"));
  const store = await openStore(miniserve, { directory: temporaryDirectory() });
  context.after(() => store.close());
  const turned = [...spans].reverse();
  for (let start = 0; start < turned.length; start += 7) {
    await store.append(turned.slice(start, start + 7));
  }
  const queries = conformanceQueries("conformance");
  const answers = await askAll(createTraceqlEngine(store), queries, range);
  assert.deepEqual(answers, readJson("expected.json"));
});
