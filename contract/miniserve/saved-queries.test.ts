import assert from "node:assert/strict";
import { test } from "node:test";
import { checkout, plainCheckout } from "../../tests/support/traces/checkout.ts";
import { defineSpanTree, span } from "../define/index.ts";
import { createSavedQueries } from "../queries/index.ts";
import { grammarFaults } from "../testing/grammar-faults.ts";
import { variable } from "../traceql/index.ts";
import { miniserve } from "./contract.ts";

const queries = createSavedQueries(miniserve);

function findQuery(id: string, options = {}) {
  const found = createSavedQueries(miniserve, options).find((query) => query.id === id);
  assert.ok(found, id);
  return found;
}

test("each query says what it asks and what to do, and Grafana's grammar takes it", () => {
  for (const contract of [miniserve, checkout, plainCheckout]) {
    for (const query of createSavedQueries(contract)) {
      const { id, title, question, action, tags, search, table, count, alert } = query;
      assert.match(title, /^[A-Z][^.?]+$/, id);
      assert.match(question, /^[A-Z][^.?]+\?$/, id);
      assert.match(action, /^[A-Z].+\.$/, id);
      assert.ok(tags.length > 0, id);
      assert.ok(table.startsWith("{") || table.startsWith("("), id);
      assert.match(table, / \| select\(/, id);
      assert.ok(alert === null || count !== null, `${id}: an alert counts`);
      for (const text of [search, table, count]) {
        assert.deepEqual(text === null ? [] : grammarFaults(text), [], `${id}: ${text}`);
      }
    }
  }
});

test("empty completions are asked for as anybody would write it by hand", () => {
  const search = '{ resource.service.name = "miniserve" && span.llm.tokens.out = 0 }';
  assert.equal(findQuery("empty-completions").search, search);
  assert.ok(findQuery("empty-completions").table.startsWith(`${search} | select(`));
});

test("parameters change the query, those of a query that has them", () => {
  const values = { threshold: 500, service: "canary" };
  assert.equal(
    findQuery("empty-completions", { values }).search,
    '{ resource.service.name = "canary" && span.llm.tokens.out <= 500 }',
  );
  assert.equal(
    findQuery("slow-first-token", { values }).search,
    '{ resource.service.name = "canary" && name = "http.handler" && span.llm.request.time_to_first_token_us > 500000 }',
  );
  assert.equal(
    findQuery("one-request", { values: { request: 'cmpl-"' } }).search,
    '{ resource.service.name = "miniserve" && name = "http.handler" && span.llm.request.id = "cmpl-\\"" }',
  );
  assert.throws(() => findQuery("cold-cache", { values: { threshold: 0.5 } }), RangeError);
  for (const { parameters, id } of queries) {
    assert.equal(parameters.service?.default, "miniserve", id);
  }
});

test("a condition for what is looked at stands on what is found, with room for a whole commit", () => {
  const ofVersion = createSavedQueries(miniserve, {
    within: (resource) => {
      const { serviceVersion } = resource;
      assert.equal(serviceVersion?.kind, "string");
      return serviceVersion.matches(variable.pattern("version"));
    },
  });
  const asked = createSavedQueries(miniserve);
  for (const [index, { id, search, newest }] of ofVersion.entries()) {
    const condition =
      / && resource\.service\.version =~ `\$\{version:regex\}`| \| \{ resource\.service\.version =~ `\$\{version:regex\}` \}$/;
    assert.match(search, condition, id);
    assert.equal(search.replace(condition, ""), asked[index]?.search);
    assert.ok(newest.replaceAll(`\${version:regex}`, "0".repeat(40)).length <= 2048, id);
  }
});

test("a contract whose queries are too long for Tempo is refused", () => {
  const stages = Array.from({ length: 40 }, (_, index) => [
    `stage${index}`,
    span(`a.rather.long.name.of.stage_${index}`, { brief: "One.", parent: "root" }),
  ]);
  const spans = defineSpanTree(
    {},
    {
      root: span("root", { brief: "All.", parent: null }),
      ...Object.fromEntries(stages),
    },
  );
  const long = { ...plainCheckout, attributes: {}, spans };
  assert.throws(
    () => createSavedQueries(long),
    /incomplete-trees has \d+ characters, and Tempo reads/,
  );
});

test("any contract has queries of its own, as far as it says something", () => {
  const ids = (contract: typeof checkout | typeof plainCheckout) =>
    createSavedQueries(contract).map(({ id }) => id);
  const everywhere = ["failed-stages", "slow-requests", "orphans", "incomplete-trees"];
  assert.deepEqual(ids(plainCheckout), everywhere);
  const own = ids(checkout).slice(0, -8);
  assert.deepEqual(own, [
    "one-cart",
    "generous-vouchers",
    "paid-without-order",
    "slow-payments",
    "repeated-attempts",
    "risky-orders",
  ]);
  assert.deepEqual(
    ids(checkout).filter((id) => ![...own, ...everywhere].includes(id)),
    ["refused-requests", "broken-requests", "abandoned-requests", "expired-requests"],
  );
});
