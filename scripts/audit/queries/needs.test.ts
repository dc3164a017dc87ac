import assert from "node:assert/strict";
import { test } from "node:test";
import { type BoardVariable, readVariable } from "../boards/board-variable.ts";
import type { Need, TakenApart } from "./need.ts";
import { takePromqlApart } from "./promql-needs.ts";
import { takeTraceqlApart } from "./traceql-needs.ts";
import { takePrometheusVariableApart, takeTempoVariableApart } from "./variable-queries.ts";

const variables = new Map<string, BoardVariable>(
  [
    readVariable({ name: "metric", query: "a_total,b_total" }, "custom"),
    readVariable({ name: "loop", query: "$loop" }, "custom"),
    readVariable({ name: "group", query: "span.team" }, "custom"),
    readVariable({ name: "window", query: "1m,5m", current: { value: "5m" } }, "interval"),
    readVariable({ name: "threshold", current: { value: "7" }, query: "7" }, "textbox"),
    readVariable({ name: "model", current: { value: "$__all" } }, "query"),
  ].map((variable) => [variable.name, variable]),
);

/** As short as possible: `a & b`, `(a | b)`, `a?` for what may be missing. */
function write(need: Need): string {
  switch (need.type) {
    case "all":
      return need.parts.map(write).filter(Boolean).join(" & ");
    case "any": {
      const parts = need.parts.map(write).filter(Boolean);
      return parts.length === 1 ? parts.join("") : `(${parts.join(" | ")})`;
    }
    case "may": {
      const part = write(need.part);
      return part === "" ? "" : `[${part}]`;
    }
    case "unknown":
      return "?";
    case "metric":
      return need.name;
    case "label":
      return `${need.name}@${need.metrics.join("+")}`;
    case "label value":
      return `${need.label}=${need.values.join("+")}`;
    case "attribute":
      return `${need.scope}.${need.name}`;
    case "attribute value":
      return `${need.scope}.${need.name}=${need.values.join("+")}`;
    case "span name":
      return `name=${need.values.join("+")}`;
    default:
      return need satisfies never;
  }
}

function writeTaken(taken: TakenApart): string {
  return taken.type === "needs" ? write(taken.need) : `${taken.type}`;
}

const promql: readonly (readonly [query: string, need: string])[] = [
  ["up", "up"],
  ["1 + 2", ""],
  [
    'sum(rate(http_total{code="500"}[$__rate_interval]))',
    "http_total & code@http_total & code=500",
  ],
  ['http_total{code=~"500|503"}', "http_total & code@http_total & code=500+503"],
  ['http_total{code=~"5.."}', "http_total & code@http_total"],
  ['http_total{code!="500"}', "http_total & [code@http_total]"],
  ['http_total{code=~".*"}', "http_total & [code@http_total]"],
  ['http_total{code=~"5..|"}', "http_total & [code@http_total]"],
  ['http_total{code=""}', "http_total & [code@http_total]"],
  ['http_total{code!=""}', "http_total & code@http_total"],
  ['http_total{model="$model"}', "http_total & model@http_total"],
  [
    "sum by (squad) (a) / on (squad) group_left (owner) b",
    "a & squad@a & b & squad@a+b & owner@a+b",
  ],
  ["sum by (cluster) (a)", "a & [cluster@a]"],
  ["sum without (team) (a)", "a"],
  ["a or b", "(a | b)"],
  ["a or vector(0)", "(a)".slice(1, -1)],
  ["a unless b", "a & [b]"],
  ["absent(a)", "[a]"],
  ['sum by (short) (label_replace(a, "short", "$1", "long", "(.*)"))', "a"],
  ['count by (size) (count_values("size", a))', "a"],
  ["rate($metric[$window])", "(a_total | b_total)"],
  [
    'rate(${metric}_extra{x="1"}[5m:1m] offset $window)',
    "(a_total_extra | b_total_extra) & x@a_total_extra+b_total_extra & x=1",
  ],
  ["rate([[metric]][[[window]]])", "(a_total | b_total)"],
  ["sum(up) > $threshold", "up"],
  ["$unknown", "?"],
  ["$loop", "?"],
  ['{__name__="a.b", "x.y"="1"}', "a.b & x.y@a.b & x.y=1"],
  ['{"a.b"}', "a.b"],
  ['{__name__=~"a|b"}', "(a | b)"],
  ['{__name__=~"a.*"}', "?"],
  ["rate(a[${__range_s}s])", "a"],
  ["a # don't mind\n + b", "a & b"],
  ["rate(a[5m]", "unreadable"],
  ["sum(a) by", "unreadable"],
  ["a{$filters}", "not judged"],
  ["", "not judged"],
  [`${"(".repeat(5_000)}a${")".repeat(5_000)}`, "unreadable"],
];

test("PromQL is taken apart", () => {
  const taken = promql.map(([query]) => [query, writeTaken(takePromqlApart(query, variables))]);
  assert.deepEqual(taken, promql);
});

const traceql: readonly (readonly [query: string, need: string])[] = [
  ["{ }", ""],
  [
    '{ span.model = "x" && resource.service.name = "y" }',
    "span.model & span.model=x & resource.service.name & resource.service.name=y",
  ],
  ['{ span.model =~ "a|b" }', "span.model & span.model=a+b"],
  ['{ span.model =~ "a.*" }', "span.model"],
  ['{ span.model != "x" }', "span.model"],
  ["{ span.model = nil }", "[span.model]"],
  ["{ span.model != nil }", "span.model"],
  ["{ span.old = 1 || span.new = 1 }", "(span.old | span.new)"],
  ['{ name = "a" } >> { rootName = "b" }', "name=a & name=b"],
  ['{ name = "a" } !> { .b = 1 }', "[name=a] & any.b"],
  ["{ span.a = 1 } || { span.b = 1 }", "(span.a | span.b)"],
  [
    "{ } | select(span.a, resource.b) | by(span.c) | avg(span.d) > 1",
    "span.a & resource.b & span.c & span.d",
  ],
  ["{ } | quantile_over_time(span.a, .9) by (span.b)", "span.a & span.b"],
  ["{ status = error && duration > 1s } | rate()", ""],
  ['{ !(span.a = "x") }', "span.a"],
  ['{ span.model =~ "$model" }', "span.model"],
  ["{ } | rate() by ($group)", "span.team"],
  ["{ span.$group = 1 }", "span.span.team"],
  ["{ span.x > $threshold }", "span.x"],
  ["{ duration > $unknown }", ""],
  ["{ span.$unknown = 1 }", "?"],
  ["$traceId", "not judged"],
  ["0af7651916cd43dd8448eb211c80319c", "not judged"],
  ["{ span.a = }", "unreadable"],
  ["{ parent.a = 1 }", "not judged"],
  ["{ $a $b }", "not judged"],
];

test("TraceQL is taken apart", () => {
  const taken = traceql.map(([query]) => [query, writeTaken(takeTraceqlApart(query, variables))]);
  assert.deepEqual(taken, traceql);
});

test("what variables ask for is taken apart too", () => {
  const asked = (query: string) => writeTaken(takePrometheusVariableApart(query, variables));
  assert.equal(asked("label_values(team)"), "team@");
  assert.equal(
    asked('label_values(a_total{x="1"}, team)'),
    "a_total & x@a_total & x=1 & team@a_total",
  );
  assert.equal(asked("query_result(sum(a_total))"), "a_total");
  assert.equal(asked("metrics(a.*)"), "not judged");
  assert.equal(asked("label_values(a_total{, team)"), "unreadable");
  assert.equal(writeTaken(takeTempoVariableApart("http.route")), "any.http.route");
  assert.equal(
    writeTaken(takeTempoVariableApart("resource.service.name")),
    "resource.service.name",
  );
  assert.equal(writeTaken(takeTempoVariableApart("name")), "");
});

test("the places are those in the query as it was written", () => {
  const query =
    'sum by (le) (rate(${metric}_bucket{team="a"}[$__rate_interval])) / missing{gone="x"}';
  const taken = takePromqlApart(query, variables);
  assert.ok(taken.type === "needs");
  const places = (need: Need): string[] =>
    need.type === "all" || need.type === "any"
      ? need.parts.flatMap(places)
      : "at" in need
        ? [query.slice(need.at.from, need.at.to)]
        : [];
  assert.deepEqual(
    [...new Set(places(taken.need))],
    ["${metric}_bucket", "team", '"a"', "le", "missing", "gone", '"x"'],
  );
});

test("what a store is asked has nothing of Grafana's left in it", () => {
  const run = (taken: TakenApart) => (taken.type === "needs" ? taken.runnable?.text : undefined);
  assert.equal(
    run(takePromqlApart('rate($metric{m="$model", n!~"${model:regex}"}[$__interval])', variables)),
    'rate(a_total{m=~".*", n=~".*"}[5m])',
  );
  assert.equal(run(takePromqlApart("$unknown", variables)), undefined);
  assert.equal(
    run(
      takeTraceqlApart(
        '{ span.m =~ "$model" && name = "$model" && duration > $__interval }',
        variables,
      ),
    ),
    "{ span.m != nil && true && duration > 1m }",
  );
  assert.equal(run(takeTraceqlApart("{ span.x > $unknown }", variables)), undefined);
});
