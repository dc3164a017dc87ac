import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "#contract";
import { foundNames, loneSpan } from "./testing/found-names.ts";

const text = (value: string): Value => ({ type: "string", value });
const int = (value: number): Value => ({ type: "int", value: BigInt(value) });
const double = (value: number): Value => ({ type: "double", value });
const bool = (value: boolean): Value => ({ type: "bool", value });
const array = (...value: Value[]): Value => ({ type: "array", value });

const second = 1_000_000_000n;
const startNs = 1_763_800_000n * second;

test("`!=` and `!~` hold for an array where no element is equal or fits, and others where one does", async () => {
  const spans = [
    loneSpan("a and b", { v: array(text("a"), text("b")) }),
    loneSpan("b and c", { v: array(text("b"), text("c")) }),
    loneSpan("1 and 2", { v: array(int(1), int(2)) }),
    loneSpan("1.5 and 2.5", { v: array(double(1.5), double(2.5)) }),
    loneSpan("1 and 2.5", { v: array(int(1), double(2.5)) }),
    loneSpan("both", { v: array(bool(true), bool(false)) }),
    loneSpan("true", { v: array(bool(true), bool(true)) }),
    loneSpan("1 and a", { v: array(int(1), text("a")) }),
    loneSpan("a alone", { v: array(text("a")) }),
    loneSpan("c itself", { v: text("c") }),
    loneSpan("nothing", {}),
  ];
  const expected: Record<string, string[]> = {
    '{ span.v = "a" }': ["1 and a", "a alone", "a and b"],
    '{ span.v != "a" }': ["b and c", "c itself"],
    '{ span.v =~ "a|x" }': ["1 and a", "a alone", "a and b"],
    '{ span.v !~ "a|x" }': ["b and c", "c itself"],
    '{ span.v > "a" }': ["a and b", "b and c", "c itself"],
    "{ span.v = 1 }": ["1 and 2", "1 and 2.5", "1 and a"],
    "{ span.v != 1 }": ["1.5 and 2.5"],
    "{ span.v != 2.5 }": ["1 and 2", "1 and a"],
    "{ span.v != 1.0 }": ["1.5 and 2.5"],
    "{ span.v != 3ns }": ["1 and 2", "1 and 2.5", "1 and a", "1.5 and 2.5"],
    "{ span.v >= 2 }": ["1 and 2", "1 and 2.5", "1.5 and 2.5"],
    "{ span.v != true }": [],
    "{ span.v != false }": ["true"],
    '{ !(span.v = "a") && span.v != nil }': [
      "1 and 2",
      "1 and 2.5",
      "1.5 and 2.5",
      "b and c",
      "both",
      "c itself",
      "true",
    ],
    '{ "a" != span.v }': ["b and c", "c itself"],
    '{ } | { span.v != "a" }': ["b and c", "c itself"],
    "{ span.v != span.v }": [],
  };
  assert.deepEqual(await foundNames(spans, Object.keys(expected)), expected);
});

test("arrays are arrays in every scope", async () => {
  const attributes = [{ key: "v", value: array(text("a"), text("b")) }];
  const other = [{ key: "v", value: array(text("b"), text("c")) }];
  const base = loneSpan("base", {});
  const member = { droppedAttributesCount: 0 };
  const event = { ...member, name: "e", timeUnixNano: startNs };
  const link = { ...member, traceId: base.traceId, spanId: base.spanId, traceState: "", flags: 0 };
  const withAttributes = (name: string, values: typeof attributes) =>
    loneSpan(
      name,
      {},
      {
        attributes: values,
        resource: { ...base.resource, attributes: values },
        scope: { ...base.scope, attributes: values },
        events: [{ ...event, attributes: values }],
        links: [{ ...link, attributes: values }],
      },
    );
  const spans = [
    withAttributes("a and b", attributes),
    withAttributes("b and c", other),
    base,
    loneSpan(
      "one of each",
      {},
      {
        events: [
          { ...event, attributes },
          { ...event, attributes: other },
        ],
      },
    ),
  ];
  const expected = Object.fromEntries(
    ["span.", "resource.", "instrumentation.", "event.", "link.", "."].flatMap((scope) => {
      const one = scope === "event." ? ["one of each"] : [];
      return [
        [`{ ${scope}v = "a" }`, ["a and b", ...one]],
        [`{ ${scope}v != "a" }`, ["b and c", ...one]],
        [`{ ${scope}v !~ "a" }`, ["b and c", ...one]],
        [`{ } | by(${scope}v != "a") | { ${scope}v != "a" }`, ["b and c", ...one]],
      ];
    }),
  );
  assert.deepEqual(await foundNames(spans, Object.keys(expected)), expected);
});

test("numbers are numbers, whatever the type of either side and whatever else is asked", async () => {
  const spans = [
    loneSpan("60.5", { n: double(60.5), out: int(2), "llm.tokens.out": double(60.5) }),
    loneSpan("70", { n: int(70), out: int(2), "llm.tokens.out": int(70) }),
    loneSpan("50", { n: int(50), out: int(2), "llm.tokens.out": int(50) }),
    loneSpan("text", { n: text("60") }),
  ];
  const queries = ["span.n", ".n", "span.llm.tokens.out"].flatMap((field) =>
    ["50", "50.0", "50ns"].flatMap((limit) => {
      const condition = `${field} > ${limit}`;
      return [
        `{ ${condition} }`,
        `{ ${limit} < ${field} }`,
        `{ ${condition} } | avg(span.out) > 1`,
        `{ ${condition} && span.out != nil }`,
        `{ ${condition} && ${field} != nil }`,
        `{ ${condition} } | { ${condition} }`,
        `{ } | { ${condition} } | by(name)`,
        `{ ${condition} || ${field} > 1000 }`,
        `{ !(${field} <= ${limit}) && ${field} < 1000 }`,
      ];
    }),
  );
  assert.deepEqual(
    await foundNames(spans, queries),
    Object.fromEntries(queries.map((query) => [query, ["60.5", "70"]])),
  );
});

test("an average of durations is a whole number of nanoseconds", async () => {
  const traceId = "0123456789abcdef0123456789abcdef";
  const spans = [1n, 2n, 1n].map((seconds, index) =>
    loneSpan(
      `span ${index}`,
      {},
      {
        traceId,
        startTimeUnixNano: startNs,
        endTimeUnixNano: startNs + seconds * second,
      },
    ),
  );
  const all = spans.map(({ name }) => name);
  const expected = {
    "{ } | avg(duration) = 1333333333ns": all,
    "avg(duration) >= 1333333334ns": [],
    "{ } | avg(duration) > 1333333333ns": [],
    "{ } | avg(duration + 0s) = 1333333333ns": all,
    "{ } | by(name) | avg(duration) = 1s": ["span 0", "span 2"],
  };
  assert.deepEqual(await foundNames(spans, Object.keys(expected)), expected);
});
