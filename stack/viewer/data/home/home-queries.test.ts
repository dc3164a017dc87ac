import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve } from "#miniserve";
import { checkout, plainCheckout } from "../../../../tests/support/traces/checkout.ts";
import {
  countIn,
  createNewestQuery,
  createRateQuery,
  createTraceQuery,
  readableRequests,
} from "./home-queries.ts";

test("the newest requests are asked for in the contract's words", () => {
  const query = createNewestQuery(miniserve);
  assert.ok(query.includes(`name = "${miniserve.spans.handler.name}"`));
  assert.ok(query.includes(`span.${miniserve.attributes.outcome.key}`));
  assert.ok(query.endsWith("with (most_recent=true)"));
  // Without highlights it is how it ended, then what the root found out; ids are left out.
  assert.match(
    createNewestQuery(checkout),
    /select\(span\.shop\.result, span\.shop\.amount, span\.shop\.order\.state\)/,
  );
});

test("a rate is split by how requests ended, where the contract says so", () => {
  assert.match(createRateQuery(checkout), /rate\(\) by \(span\.shop\.result\)$/);
  assert.match(createRateQuery(plainCheckout), /rate\(\)$/);
});

test("a count is the sum over the series; what Tempo leaves out is zero", () => {
  assert.equal(countIn({ series: [{ value: 2 }, {}, { value: "3" }, { value: "NaN" }] }), 5);
  assert.equal(countIn({}), 0);
});

test("a request of a trace is asked for by the id of the trace", () => {
  const id = "ab".repeat(16);
  assert.ok(createTraceQuery(miniserve, id).includes(`trace:id = "${id}"`));
});

test("requests are a table that begins with when, how and how long, in units that people read", () => {
  const { outcome, statusCode, timeToFirstTokenUs } = miniserve.attributes;
  const links = [{ title: "Open", url: "/trace/x" }];
  const field = (name: string, config = {}) =>
    ({ name, type: "string", values: [], config }) as const;
  const names = [
    "traceName",
    "time",
    statusCode.key,
    timeToFirstTokenUs.key,
    outcome.key,
    "spanID",
  ];
  const frame = { fields: [field("trace", { links }), ...names.map((name) => field(name))] };
  const { fields } = readableRequests(miniserve, frame);
  assert.deepEqual(
    fields.map(({ name, config }) => [name, config.displayName, config.unit, config.links]),
    [
      ["time", "Started", undefined, links],
      [outcome.key, "Outcome", undefined, undefined],
      [statusCode.key, "Status code", undefined, undefined],
      [timeToFirstTokenUs.key, "Time to first token", "µs", undefined],
      ["trace", "Trace", undefined, links],
      ["spanID", undefined, undefined, undefined],
    ],
  );
});
