import assert from "node:assert/strict";
import { test } from "node:test";
import { exploreLink } from "#contract";
import { miniserve } from "#miniserve";
import type { Frame } from "../frame.ts";
import { createSeries, withGaps } from "../series.ts";
import { completionsAt } from "./completions.ts";
import { addressOfState, firstState, readExploreState } from "./explore-state.ts";
import { faultIn } from "./query-fault.ts";
import { measured, measuredUnit, resultFrame } from "./result-frame.ts";

const tempo = { type: "tempo", uid: "tempo" };

function stateIn(address: string) {
  return readExploreState(new URL(address, "http://localhost").searchParams);
}

test("Explore's address is written and read in Grafana's form, the contract's own links too", () => {
  const state = {
    ...firstState,
    query: '{ name = "a&b" } | rate()',
    datasourceUid: "tempo",
    metricsQueryType: "instant",
    limit: 50,
    range: { from: "now-3h", to: "1764147600000" },
  } as const;
  assert.deepEqual(stateIn(addressOfState(state, tempo)), state);
  const linked = stateIn(exploreLink("{ }", { from: "now-2h", limit: 7 }));
  assert.deepEqual(
    [linked.query, linked.limit, linked.range.from, linked.datasourceUid],
    ["{ }", 7, "now-2h", "tempo"],
  );
});

test("an address of another form shows Explore as at first", () => {
  for (const panes of ["", "{", "7", "[]", '{"a":null}', '{"a":{"queries":{},"range":[]}}']) {
    assert.deepEqual(stateIn(`/explore?panes=${encodeURIComponent(panes)}`), firstState, panes);
  }
  const { limit } = stateIn(
    `/explore?panes=${encodeURIComponent('{"a":{"queries":[{"query":"{ }","limit":-1}]}}')}`,
  );
  assert.equal(limit, firstState.limit);
});

test("a fault is marked at its token, in its line", () => {
  const query = "{ name = 1 } |\n  rat()";
  const fault = faultIn(query, "parse error at line 2, col 3: expected a function");
  assert.equal(query.slice(fault?.from, fault?.to), "rat");
  const atEnd = faultIn("{", "parse error at line 1, col 2: expected }");
  assert.deepEqual([atEnd?.from, atEnd?.to], [1, 1]);
  assert.equal(faultIn("{ }", "The store is busy."), undefined);
});

/** What is offered at the end of a text. */
function offered(query: string): string[] {
  return completionsAt([miniserve], query, query.length).offers.map(({ text }) => text);
}

test("what is offered follows from where the cursor is, in the words of the contract", () => {
  const { tokensOut, outcome } = miniserve.attributes;
  const { decode, handler } = miniserve.spans;
  assert.ok(offered("").includes(`{ name = "${decode.name}" }`));
  const begun = tokensOut.key.slice(0, -2);
  assert.ok(offered(`{ span.${begun}`).includes(`span.${tokensOut.key}`));
  assert.ok(offered(`{ } | select(${begun}`).includes(`span.${tokensOut.key}`));
  assert.deepEqual(
    offered(`{ span.${outcome.key} = `),
    outcome.values?.map((value) => `"${value}"`),
  );
  assert.deepEqual(offered(`{ name = "${handler.name.slice(0, 6)}`), [`"${handler.name}"`]);
  assert.deepEqual(offered("{ status = err"), ["error"]);
  assert.ok(offered("{ } | ra").includes("rate()"));
  assert.ok(!offered("{ } | ra").includes("duration"));
});

test("a completion replaces the word that was begun, and no more", () => {
  const query = "{ dura";
  assert.equal(completionsAt([miniserve], query, query.length).from, 2);
});

test("what a query measures has its unit, and what it counts has none", () => {
  const findUnit = (stage: string) => measuredUnit(`{ name = "a" } | ${stage}`, [miniserve]);
  const { timeToFirstTokenUs, tokensOut, meanStepMs } = miniserve.attributes;
  assert.deepEqual(
    [
      "quantile_over_time(duration, .5, .95) by (name)",
      `max_over_time(span.${timeToFirstTokenUs.key})`,
      `avg_over_time( .${meanStepMs.key} ) by (name)`,
      `sum_over_time(span.${tokensOut.key})`,
      "rate() by (name)",
      "count_over_time()",
      "histogram_over_time(duration)",
      "max_over_time(span.nobody.knows)",
    ].map(findUnit),
    ["s", "µs", "ms", "short", "suffix: /s", undefined, undefined, undefined],
  );
  const value = { name: "value", type: "number", values: [2], config: {} } as const;
  const [, named] = resultFrame("instant", measured([{ fields: [value] }], "s")).fields;
  assert.deepEqual([named?.config.unit, named?.config.displayName], ["s", "Value"]);
});

test("an answer over time is not joined where for long there was no value", () => {
  const times = { name: "time", type: "time", values: [0, 15, 30, 200, 215], config: {} } as const;
  const values = { name: "value", type: "number", values: [1, 2, 3, 4, 5], config: {} } as const;
  const [series] = createSeries(measured([{ fields: [times, values] }], undefined), "dark");
  assert.ok(series);
  assert.deepEqual(
    withGaps(series).map(([, value]) => value),
    [1, 2, 3, null, 4, 5],
  );
});

test("the table of an answer leads from each span to its trace", () => {
  const frame: Frame = {
    fields: [
      { name: "traceIdHidden", type: "string", values: ["ab"], config: {} },
      { name: "spanID", type: "string", values: ["cd"], config: {} },
      { name: "duration", type: "number", values: [1], config: {} },
    ],
  };
  const [first] = resultFrame("search", [frame]).fields;
  assert.equal(first?.values[0], "ab");
  assert.match(first?.config.links?.[0]?.url ?? "", /^\/trace\//);
  const series = resultFrame("instant", [
    {
      name: "one",
      fields: [
        { name: "time", type: "time", values: [0], config: {} },
        { name: "value", type: "number", values: [3], config: { displayName: "one" } },
      ],
    },
  ]);
  assert.deepEqual(
    series.fields.map(({ values }) => values),
    [["one"], [3]],
  );
});
