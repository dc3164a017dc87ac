import assert from "node:assert/strict";
import { test } from "node:test";
import { goPattern } from "./go-pattern.ts";

test("a form is written as Go reads it", () => {
  const patterns: [RegExp, string][] = [
    [/^(?:[a-z]+)$/u, "^(?:[a-z]+)$"],
    [/^(?:[a-z]+)$/iu, "(?i)^(?:[a-z]+)$"],
    [/[\u2028\u{1F600}]/u, "[\\x{2028}\\x{1F600}]"],
    [/(?<word>a)/u, "(?P<word>a)"],
    [/[^\p{Cc}]{0,2000}/u, "[^\\p{Cc}]{0,1000}[^\\p{Cc}]{0,1000}"],
    [/[ab]{2500}/u, "[ab]{1000}[ab]{1000}[ab]{500}"],
    [/[ab]{1500,1600}/u, "[ab]{1000}[ab]{500,600}"],
    [/[ab]{3}[\]c]{0,7}/u, "[ab]{3}[\\]c]{0,7}"],
  ];
  for (const [form, pattern] of patterns) {
    assert.deepEqual(goPattern(form), { pattern }, String(form));
  }
});

test("what Go does not know is told", () => {
  for (const form of [/(?!a)b/u, /(?<!a)b/u, /(a)\1/u, /(?<a>b)\k<a>/u, /\cA/u, /(?:ab){1001}/u]) {
    assert.ok("fault" in goPattern(form), String(form));
  }
});
