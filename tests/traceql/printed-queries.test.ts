import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve, savedQueriesOf } from "#contract";
import { parseQuery } from "../../stack/embedded/traceql/parser.ts";
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
  for (const { search, table, count } of savedQueriesOf(miniserve)) {
    for (const text of [search, table, count ?? search]) {
      assert.doesNotThrow(() => parseQuery(text), text);
    }
  }
});
