import assert from "node:assert/strict";
import { test } from "node:test";
import {
  printedBeyondGrammar,
  printedConditions,
  printedQueries,
} from "../../tests/support/printed-queries.ts";
import { miniserve } from "../miniserve/index.ts";
import { grammarFaults } from "../testing/grammar-faults.ts";
import { allOf, variable } from "./condition.ts";
import { traceql } from "./vocabulary.ts";

const query = traceql(miniserve);

test("each query is printed as Tempo answers it rightly", () => {
  for (const [{ text }, expected] of [
    ...printedConditions,
    ...printedQueries,
    ...printedBeyondGrammar,
  ]) {
    assert.equal(text, expected);
  }
});

test("Grafana's grammar takes each query, but for what it is known to refuse", () => {
  for (const [{ text }] of [...printedConditions, ...printedQueries]) {
    assert.deepEqual(grammarFaults(text), [], text);
  }
  for (const [{ text }] of printedBeyondGrammar) {
    assert.notDeepEqual(grammarFaults(text), [], text);
  }
});

test("what TraceQL would answer wrongly is refused when the query is written", () => {
  const refused = [
    () => query.spans("decode", (a) => a.tokensOut.gt(0.5)),
    () => query.spans("decode", (a) => a.tokensOut.eq(2 ** 53)),
    () => query.spans("decode", (a) => a.meanStepMs.gt(Number.NaN)),
    () => query.spans("decode", (a) => a.model.matches(/x/gi)),
    () => query.spans("decode", () => allOf([])),
    () => query.spans("decode").quantileOverTime("tokensOut", 95),
    () => query.spans("decode").avgOverTime(query.attributes("prefill").cacheHits),
    () => variable.text("trace id"),
    () =>
      query
        .spans("handler")
        .rate()
        .by("route", "model", "outcome", "statusCode", "streamed", "method"),
  ];
  for (const refusal of refused) {
    assert.throws(refusal, RangeError, String(refusal));
  }
});
