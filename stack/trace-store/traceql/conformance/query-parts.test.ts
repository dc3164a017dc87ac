import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery } from "#traceql";
import { isTurnedRound, listConditions } from "./query-parts.ts";

const turned = [
  "!(span.x = 3)",
  "!span.b",
  "(span.x = 3) = false",
  "(span.x = 3) != true",
  "span.s = `a` && !(kind = client || span.x > 1)",
  "(span.x = 3) = (span.s = `a`)",
  "!((span.x = 3) = true)",
];
const straight = [
  "span.x = 3",
  "span.b = false",
  "span.x != 3",
  "!!(span.x = 3)",
  "(span.x = 3) = true",
  "!((span.x = 3) = false)",
  "!(1 = 2) && span.x = 3",
];

for (const [conditions, expected] of [
  [turned, true],
  [straight, false],
] as const) {
  test(`a condition is ${expected ? "" : "not "}known as turned round`, () => {
    for (const text of conditions) {
      const found = listConditions(parseQuery(`{ ${text} }`)).some((one) => isTurnedRound(one));
      assert.equal(found, expected, text);
    }
  });
}
