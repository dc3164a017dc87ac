import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery } from "#traceql";
import { conformanceQueries } from "../conformance/queries.ts";
import { completeMatchers } from "./complete-matchers.ts";

/** Unfinished text → what is complete of it; null: nothing. */
const texts: Readonly<Record<string, string | null>> = {
  "": null,
  " ": null,
  "{": null,
  "{ }": null,
  "{ } && {": "{ } && { }",
  "}{": null,
  "{{{{": null,
  garbage: null,
  "#$%": null,
  "{ ((((": null,
  '"': null,
  'span.x = "y"': null,
  "{resource.x=}": null,
  '{ resource.x = "y': null,
  "{ resource.x = y }": null,
  "{ { .a = 1 } }": null,
  '{ resource.x = "y" && resource.cluster = }': '{ resource.x = "y" }',
  '{resource.x="y" && resource.cluster=': '{ resource.x = "y" }',
  '{ resource.x = "y" && ': '{ resource.x = "y" }',
  '{ resource.x = "y"': '{ resource.x = "y" }',
  '{ resource.x = "y" && span. }': '{ resource.x = "y" }',
  '{ span. && resource.x = "y" }': '{ resource.x = "y" }',
  '{ span.a = && resource.x = "y" }': '{ resource.x = "y" }',
  '{ && resource.x = "y" && && .b = 1 }': '{ resource.x = "y" && .b = 1 }',
  '{ resource.x = "y" && name = "ope': '{ resource.x = "y" }',
  '{ resource.x = "y" && duration > 5x }': '{ resource.x = "y" }',
  '{ resource.x = "y" # && .b = 1 }': "{ .b = 1 }",
  // An attribute alone is being typed.
  "{ span.flag }": null,
  "{ .a = 1 && span.flag }": "{ .a = 1 }",
  "{ .a = 1 && (span.flag) }": "{ .a = 1 }",
  "{ .a = 1 && !span.flag }": "{ .a = 1 && !span.flag }",
  // What is unfinished might become anything.
  "{ .a = 1 || .b = }": null,
  "{ .b = || .a = 1 }": null,
  "{ .a = 1 || .b = && .c = 2 }": "{ .c = 2 }",
  "{ .a = 1 || .b = 2 && .c = }": "{ .a = 1 || .b = 2 }",
  "{ .a = 1 || }": "{ .a = 1 }",
  "{ .a = 1 && (.b = 2 || .c = }": "{ .a = 1 }",
  "{ .a = 1 && (.b = 2 && .c = ": "{ .a = 1 && (.b = 2) }",
  "{ (.a = 1 && (.b = 2 || .c = 3) && ": "{ (.a = 1 && (.b = 2 || .c = 3)) }",
  "{ (.a + 1) * 2 > 3 && .c = }": "{ (.a + 1) * 2 > 3 }",
  // Several spansets, and what comes after them.
  "{ .a = 1 } && { .b =": "{ .a = 1 } && { }",
  "{ .a = 1 } >> { .b = 2 && .c = }": "{ .a = 1 } >> { .b = 2 }",
  "{ .a = 1 } !>> ": "{ .a = 1 }",
  "{ .a = 1 } || { .b = 2 } >": "{ .a = 1 } || { .b = 2 }",
  "({ .a = 1 } >> { .b = 2 }) && ({": "({ .a = 1 } >> { .b = 2 }) && ({ })",
  "({ .a = 1 && .b = } | count() > 1": "({ .a = 1 } | count() > 1)",
  "{ .a = 1 } | ": "{ .a = 1 }",
  "{ .a = 1 } | count() > 1 | by(": "{ .a = 1 } | count() > 1",
  "{ .a = 1 } | select(.b, ": "{ .a = 1 }",
  "{ .a = 1 } | quantile_over_time(dur": "{ .a = 1 }",
  "{ .a = 1 } | compare({ .b = ": "{ .a = 1 } | compare({ })",
  "{ .a = 1 } garbage": "{ .a = 1 }",
  "{ .a = 1 } with (most_recent": "{ .a = 1 }",
  "{ .a = 1 && .b = } | rate() by (.c)": "{ .a = 1 } | rate()",
};

const written = (stages: unknown) =>
  JSON.stringify(stages, (key, value) =>
    key === "at" ? undefined : typeof value === "bigint" ? `${value}n` : value,
  );

for (const [text, complete] of Object.entries(texts)) {
  test(`of ${text} is complete: ${complete}`, () => {
    const stages = completeMatchers(text);
    const meant = complete === null ? null : parseQuery(complete).stages;
    assert.equal(written(stages), written(meant));
  });
}

test("a complete query keeps its meaning, unless it asks for an attribute alone", () => {
  const { searches, metrics } = conformanceQueries("service");
  for (const query of [...searches, ...metrics]) {
    const { stages } = parseQuery(query);
    if (!/[({&|]\s*(span|resource)?\.\w+\s*([)}&]|\|\|)/.test(query)) {
      assert.equal(
        written(completeMatchers(query) ?? parseQuery("{ }").stages),
        written(stages),
        query,
      );
    }
  }
});

test("what is long or odd is read at once", () => {
  for (const part of [
    "#",
    "{",
    "(",
    '"',
    "{(",
    "{ .a = 1 && ",
    "{ .a = 1 } || ",
    "{ (.a = 1 && ",
  ]) {
    completeMatchers(part.repeat(Math.floor(65_536 / part.length)));
    completeMatchers(`{ .b = 1 && ${part.repeat(500)}`);
  }
  assert.equal(completeMatchers(`{ .a = 1 && .b = "${"x".repeat(65_536)}" }`), null);
});
