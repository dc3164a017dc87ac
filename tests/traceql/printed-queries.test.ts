import assert from "node:assert/strict";
import { test } from "node:test";
import { createSavedQueries } from "#contract";
import { miniserve } from "#miniserve";
import { parseQuery } from "#traceql";
import {
  printedBeyondGrammar,
  printedConditions,
  printedQueries,
} from "../support/printed-queries.ts";

/** What Grafana puts in the place of variables. */
function filledIn(text: string): string {
  return text
    .replace(/\$\{\w+:regex\}/g, "(a\\.b|c)")
    .replaceAll("$threshold", "5")
    .replaceAll("$traceId", "0af7651916cd43dd8448eb211c80319c");
}

test("the embedded store takes what is written in the words of a contract", () => {
  for (const [{ text }] of [...printedConditions, ...printedQueries, ...printedBeyondGrammar]) {
    assert.doesNotThrow(() => parseQuery(filledIn(text)), text);
  }
});

test("the embedded store takes every saved query", () => {
  for (const { search, table, count } of createSavedQueries(miniserve)) {
    for (const text of [search, table, count ?? search]) {
      assert.doesNotThrow(() => parseQuery(text), text);
    }
  }
});

/** A Tempo to ask as well. */
const { TEMPO_URL } = process.env;
const skip = TEMPO_URL ? false : "set TEMPO_URL to ask a real Tempo 3.0.3";

test("a real Tempo takes them all", { skip }, async () => {
  const saved = createSavedQueries(miniserve).flatMap(({ search, table, count }) => [
    search,
    table,
    ...(count === null ? [] : [count]),
  ]);
  const printed = [...printedConditions, ...printedQueries, ...printedBeyondGrammar].map(
    ([{ text }]) => filledIn(text),
  );
  const end = Math.ceil(Date.now() / 1000);
  for (const q of [...saved, ...printed]) {
    const isMetrics = /\| (rate|\w+_over_time)\(/.test(q);
    const path = isMetrics ? "/api/metrics/query" : "/api/search";
    const parameters = new URLSearchParams({ q, start: String(end - 600), end: String(end) });
    const answer = await fetch(`${TEMPO_URL}${path}?${parameters}`);
    assert.equal(answer.status, 200, `${q}\n${await answer.text()}`);
  }
});
