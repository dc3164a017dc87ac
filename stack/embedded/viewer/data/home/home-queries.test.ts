import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve } from "#contract";
import { countIn, newestRequests, withoutDull } from "./home-queries.ts";

test("the newest requests are asked for in the contract's words", () => {
  assert.ok(newestRequests.includes(`name = "${miniserve.spans.handler.name}"`));
  assert.ok(newestRequests.includes(`span.${miniserve.attributes.outcome.key}`));
  assert.ok(newestRequests.endsWith("with (most_recent=true)"));
});

test("a count is the sum over the series; what Tempo leaves out is zero", () => {
  assert.equal(countIn({ series: [{ value: 2 }, {}, { value: "3" }, { value: "NaN" }] }), 5);
  assert.equal(countIn({}), 0);
});

test("columns that say the same in every row are left out", () => {
  const field = (name: string) => ({ name, type: "string", values: [], config: {} }) as const;
  const { fields } = withoutDull({ fields: ["trace", "name", "traceName", "time"].map(field) });
  assert.deepEqual(
    fields.map(({ name }) => name),
    ["trace", "time"],
  );
});
