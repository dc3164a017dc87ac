import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve } from "#miniserve";
import { countIn, createTraceQuery, newestRequests, readableRequests } from "./home-queries.ts";

test("the newest requests are asked for in the contract's words", () => {
  assert.ok(newestRequests.includes(`name = "${miniserve.spans.handler.name}"`));
  assert.ok(newestRequests.includes(`span.${miniserve.attributes.outcome.key}`));
  assert.ok(newestRequests.endsWith("with (most_recent=true)"));
});

test("a count is the sum over the series; what Tempo leaves out is zero", () => {
  assert.equal(countIn({ series: [{ value: 2 }, {}, { value: "3" }, { value: "NaN" }] }), 5);
  assert.equal(countIn({}), 0);
});

test("a request of a trace is asked for by the id of the trace", () => {
  assert.ok(createTraceQuery("ab".repeat(16)).includes(`trace:id = "${"ab".repeat(16)}"`));
});

test("requests are a table that begins with when, how and how long, in units that people read", () => {
  const { outcome, route, timeToFirstTokenUs } = miniserve.attributes;
  const links = [{ title: "Open", url: "/trace/x" }];
  const field = (name: string, config = {}) =>
    ({ name, type: "string", values: [], config }) as const;
  const names = ["traceName", "time", route.key, timeToFirstTokenUs.key, outcome.key, "spanID"];
  const frame = { fields: [field("trace", { links }), ...names.map((name) => field(name))] };
  const { fields } = readableRequests(frame);
  assert.deepEqual(
    fields.map(({ name, config }) => [name, config.displayName, config.unit, config.links]),
    [
      ["time", "Started", undefined, links],
      [outcome.key, "Outcome", undefined, undefined],
      [timeToFirstTokenUs.key, "First token", "µs", undefined],
      [route.key, "Route", undefined, undefined],
      ["trace", "Trace", undefined, links],
      ["spanID", undefined, undefined, undefined],
    ],
  );
});
