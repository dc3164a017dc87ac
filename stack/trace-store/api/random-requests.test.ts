import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTrace, startApiUnderTest, startS } from "../testing/api-under-test.ts";
import { send } from "../testing/send.ts";

const seed = 20_261_130;

const paths = [
  "/api/search",
  "/api/search/tags",
  "/api/search/tag/name/values",
  "/api/search/tag/%/values",
  "/api/search/tag/%00/values",
  "/api/v2/search/tags",
  "/api/v2/search/tag/span.llm.tokens.out/values",
  "/api/v2/search/tag/.%22a%20b%22/values",
  "/api/v2/search/tag/%F0%9F%98%80/values",
  "/api/metrics/query",
  "/api/metrics/query_range",
  "/api/traces/1",
  "/api/traces/xyz",
  "/api/v2/traces/1",
  "/api/v2/traces/%31",
  "/api/echo",
  "/ready",
  "/status/intake",
  "/api/search/",
  "//api/search",
  "/",
  "/%",
];

const queries = [
  "{ }",
  "{ } | rate()",
  "{ span.llm.tokens.out = 0 }",
  "{ span.llm.tokens.ou = 0 } | rate() by (name)",
  '{ name = "x" && ',
  "{",
  "with (most_recent=true)",
  "{ } with (most_recent=true)",
  "\u0000",
];
const numbers = ["", " ", "0", "-0", "1", "-1", "1.5", "1e3", "0x1", "+1", "٣", "NaN", "Infinity"];
const large = ["9007199254740993", "9223372036854775807", "9223372036854775808", "9".repeat(400)];
const times = [
  `${startS}`,
  `${startS + 60}`,
  `${startS}.5`,
  `${startS}000`,
  `${startS + 60}000000000`,
];
const dates = [
  "2026-11-30T00:00:00Z",
  "2026-11-30",
  "2026-99-99T00:00:00Z",
  "9999-12-31T00:00:00Z",
];
const durations = ["1s", "1h", "0s", "-1s", "1ns", "1d", "99999999h", "1s1s", "s", "1µs"];
const tags = [
  "a=b",
  "name=h a=1",
  "a",
  "=",
  'a="',
  'a="\\u00"',
  "a=b a=c",
  "status.code=9",
  "a=\u0000",
];
const anything = [
  ...queries,
  ...numbers,
  ...large,
  ...times,
  ...dates,
  ...durations,
  ...tags,
  "&",
  "%",
  "é😀",
];

const names =
  "q query tags start end limit spss scope step since exemplars minDuration maxDuration other";
const parameter = fc
  .tuple(fc.constantFrom(...names.split(" ")), fc.constantFrom(...anything))
  .chain(([name, value]) =>
    // As a rule encoded as it should be.
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(`${name}=${encodeURIComponent(value)}`) },
      { weight: 1, arbitrary: fc.constant(`${name}=%zz${encodeURIComponent(value)}+%`) },
      { weight: 1, arbitrary: fc.constant(name) },
    ),
  );

/** A range that is right, more often than chance would make one. */
const range = fc.constantFrom("", `&start=${startS}&end=${startS + 60}`, "&since=1h");

const asked = fc.record({
  method: fc.constantFrom("GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"),
  path: fc.constantFrom(...paths),
  query: fc
    .tuple(fc.constantFrom(...queries), fc.array(parameter, { maxLength: 4 }), range)
    .map(([q, more, times_]) => `q=${encodeURIComponent(q)}&${more.join("&")}${times_}`),
  accept: fc.constantFrom("*/*", "", "application/protobuf", "text/html;q=0, x", "x".repeat(4000)),
});

test(`no request makes the store fail (seed ${seed})`, async (context) => {
  const { port } = await startApiUnderTest(context, [1, 2, 3].flatMap(createTrace));
  await fc.assert(
    fc.asyncProperty(asked, async ({ method, path, query, accept }) => {
      const answer = await send({ port, method, path: `${path}?${query}`, headers: { accept } });
      const { status, body, headers } = answer;
      assert.ok(status >= 200 && status < 500, `${status} ${body}`);
      if (status >= 400 && method !== "HEAD" && !path.startsWith("/api/traces/")) {
        assert.match(body.toString(), /\w+ \w+/, "a sentence");
        assert.match(String(headers["content-type"]), /^text\/plain/);
      }
      if (method === "HEAD") {
        assert.equal(body.length, 0);
      }
    }),
    { seed, numRuns: 600 },
  );
});
