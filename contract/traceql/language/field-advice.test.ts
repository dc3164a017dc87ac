import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery } from "./parser.ts";

const faults = {
  "{ durration > 1s }": /found "durration"; did you mean duration\?$/,
  "{ spn:name = `x` }": /; did you mean span:name\?$/,
  "{ } | by(statsu)": /; did you mean status\?$/,
  "{ } | select(nam)": /; did you mean name\?$/,
  "{ } | avg_over_time(duratin)": /; did you mean duration\?$/,
  "{ llm.tokens.out = 0 }": /found "llm"; an attribute has a scope, as in span\.llm\.tokens\.out$/,
  "{ name = nothing }": /found "nothing"$/,
  "{ something > 1 }": /found "something"$/,
  "{ > 1 }": /found ">"$/,
  "{ llm .tokens = 0 }": /found "llm"$/,
};

for (const [query, message] of Object.entries(faults)) {
  test(`a word that is no field: ${query}`, () => {
    assert.throws(() => parseQuery(query), { name: "QueryError", message });
  });
}

test("a long word is not compared, and not repeated in advice", () => {
  for (const query of [`{ ${"x".repeat(60_000)} > 1 }`, `{ x.${"y".repeat(60_000)} > 1 }`]) {
    assert.throws(() => parseQuery(query), { name: "QueryError", message: /found "x+"$/ });
  }
});
