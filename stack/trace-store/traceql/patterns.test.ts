import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ask, createTrace, startApiUnderTest, startS } from "../testing/api-under-test.ts";
import { foundNames, loneSpan } from "./testing/found-names.ts";

const range = { start: String(startS - 10), end: String(startS + 100) };

/** As they stand in a query, in backticks. */
const invalid = [
  ...["[", "(", ")", "a{1001}", "x**", "a**", "(?=a)", "(?<!a)", "\\1", "\\8", "\\Z", "(?P=n)"],
  ...["\\p{Foo}", "[[:foo:]]", "[b-a]", "a{2,1}", "(?<n>a", "(?<n-x>a)", "(?", "\\", "[(?<n>a)"],
  // Valid, but larger than what RE2 has memory for.
  ...["\\pL{1000}", "(\\pL{500}){2}", "((a{100}){100}){100}"],
];

/** Everywhere that a pattern may stand; PATTERN is at the place that is named. */
const places = {
  "{ span.neverseen =~ PATTERN }": 21,
  "{ span.llm.model !~ PATTERN }": 21,
  "{ resource.service.name =~ PATTERN }": 28,
  "{ event.nothing =~ PATTERN || true }": 20,
  "{ .x =~ PATTERN && false }": 9,
  "{ name =~ PATTERN }": 11,
  "{ false } >> { link.x =~ PATTERN }": 26,
  "{ false } | { instrumentation.x =~ PATTERN }": 36,
  "{ false } | by(span.x =~ PATTERN)": 26,
  "{ } | rate() by (name)": 0,
  "{ false } | { rootName =~ PATTERN } | rate()": 27,
  "{ } | compare({ span.x =~ PATTERN })": 27,
} as const;

async function assertRefused(ask: Ask): Promise<void> {
  for (const pattern of invalid) {
    for (const [place, column] of Object.entries(places).filter(([, at]) => at > 0)) {
      const q = place.replace("PATTERN", () => `\`${pattern}\``);
      const path = /rate|compare/.test(place) ? "/api/metrics/query_range" : "/api/search";
      const { status, text } = await ask(path, { q, ...range });
      assert.equal(status, 400, `${q}: ${text}`);
      assert.match(
        text,
        new RegExp(`^invalid TraceQL query: type error at line 1, col ${column}: `),
      );
    }
    // While it is being typed, a pattern is not finished, and completions go on.
    const q = `{ span.neverseen =~ \`${pattern}\` }`;
    for (const path of ["/api/v2/search/tags", "/api/v2/search/tag/name/values"]) {
      const { status, text } = await ask(path, { q, ...range });
      assert.equal(status, 200, `${path} ${q}: ${text}`);
    }
  }
}

test("an invalid or too large regular expression is refused at its place in an empty store", async (t) => {
  await assertRefused((await startApiUnderTest(t, [])).ask);
});

test("and whatever is stored", async (t) => {
  await assertRefused((await startApiUnderTest(t, [createTrace(1), createTrace(2)].flat())).ask);
});

test("what RE2 knows is taken, and means there what it means in RE2", async () => {
  const texts = ["C:\\1x", "a", "(?<n>a)", "ab", "a<b", "ü", "a\nb", "x]", "?", "A"];
  const spans = texts.map((value) => loneSpan(value, { s: { type: "string", value } }));
  const expected: Record<string, string[]> = {
    "C:\\\\1x": ["C:\\1x"],
    "(?<n>a)": ["a"],
    "(?P<n>a)": ["a"],
    "(?<first>a)(?<second>b)?": ["a", "ab"],
    "\\Q(?<n>a)\\E": ["(?<n>a)"],
    "\\(\\?<n>a\\)": ["(?<n>a)"],
    "[(?<]": ["?"],
    "[]x(?<]+": ["?", "x]"],
    "a[(?<]b": ["a<b"],
    "[[:^alpha:](?<]": ["?", "ü"],
    "\\pL": ["A", "a", "ü"],
    "(?i)a": ["A", "a"],
    "a.b": ["a\nb", "a<b"],
    "": [],
  };
  const queries = Object.fromEntries(
    Object.entries(expected).map(([pattern, names]) => [`{ span.s =~ \`${pattern}\` }`, names]),
  );
  assert.deepEqual(await foundNames(spans, Object.keys(queries)), queries);
});
