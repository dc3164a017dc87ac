import assert from "node:assert/strict";
import { test } from "node:test";
import { stageColour } from "#contract";
import { miniserve } from "#miniserve";
import { readDashboards } from "../tests/support/dashboard-panels.ts";
import { toServices } from "../tests/support/services.ts";
import { checkout, plainCheckout } from "../tests/support/traces/checkout.ts";
import { valueColours } from "./colours.ts";
import { generatedFiles } from "./index.ts";

test("each stage and each value of a list has one colour on every panel", async () => {
  const colours = new Map<string, Set<string>>();
  for (const { panels } of readDashboards(await generatedFiles(toServices(miniserve))).values()) {
    for (const { matcher, properties } of panels.flatMap(
      ({ fieldConfig }) => fieldConfig?.overrides ?? [],
    )) {
      const colour = properties.find(({ id }) => id === "color")?.value;
      if (matcher.id === "byRegexp" && colour !== undefined) {
        const of = colours.get(matcher.options) ?? new Set();
        colours.set(matcher.options, of.add(JSON.stringify(colour)));
      }
    }
  }
  assert.ok(colours.size > 25);
  for (const [name, used] of colours) {
    assert.equal(used.size, 1, `${name}: ${[...used].join()}`);
  }
});

test("no two stages have the same colour, nor two values of a list, and red is a failure", () => {
  for (const contract of [miniserve, checkout]) {
    const stages = Object.values(contract.spans).map((stage) => stageColour(contract, stage));
    assert.equal(new Set(stages).size, stages.length, stages.join());
    for (const identifier of Object.keys(contract.attributes)) {
      const used = [...valueColours(contract, identifier).values()];
      assert.equal(new Set(used).size, used.length, `${identifier}: ${used.join()}`);
    }
  }
  const { checkout: root, ...others } = plainCheckout.spans;
  const kinds = { checkout: root, refund: { ...root, identifier: "refund", name: "refund" } };
  const severalKinds = { ...plainCheckout, spans: { ...kinds, ...others } };
  const colours = Object.values(severalKinds.spans).map((stage) =>
    stageColour(severalKinds, stage),
  );
  assert.equal(new Set(colours).size, 4, colours.join());
  assert.ok(!colours.includes("text"));
  assert.deepEqual(Object.fromEntries(valueColours(miniserve, "stopReason")), {
    stop: "green",
    length: "yellow",
    tool_calls: "blue",
    abort: "purple",
    error: "red",
  });
  assert.deepEqual(Object.fromEntries(valueColours(miniserve, "outcome")), {
    completed: "green",
    rejected: "yellow",
    failed: "red",
    aborted: "purple",
    timeout: "orange",
    shutdown: "dark-orange",
  });
});

test("wherever series are told apart by the name of a span, each has the colour of its stage", async () => {
  const { spans } = miniserve;
  const byName = [...readDashboards(await generatedFiles(toServices(miniserve))).values()]
    .flatMap(({ panels }) => panels)
    .filter(({ targets = [] }) => targets.some(({ query }) => query?.endsWith(" by (name)")));
  assert.ok(byName.length > 5);
  for (const { title, targets = [], fieldConfig } of byName) {
    const asked = Object.values(spans).filter(
      ({ name }) =>
        !/[ (]name =/.test(targets[0]?.query ?? "") || targets[0]?.query?.includes(`"${name}"`),
    );
    for (const stage of asked) {
      const own = fieldConfig?.overrides.find(({ matcher: { id, options } }) => {
        return id === "byRegexp" && new RegExp(options.slice(1, -1)).test(stage.name);
      });
      const { value } = own?.properties.find(({ id }) => id === "color") ?? {};
      const fixedColor = stageColour(miniserve, stage);
      assert.deepEqual(value, { mode: "fixed", fixedColor }, `${title}: ${stage.name}`);
    }
  }
});

test("what is no better or worse than another has no colour of those that judge", () => {
  assert.deepEqual(Object.fromEntries(valueColours(miniserve, "outputFormat")), {
    text: "blue",
    json: "orange",
  });
});

test("a series is found by its name, alone or among the labels of others", async () => {
  const { panels = [] } =
    readDashboards(await generatedFiles(toServices(miniserve))).get("overview") ?? {};
  const patterns = panels
    .filter(({ type }) => type !== "table")
    .flatMap(({ fieldConfig }) => fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => matcher.id === "byRegexp")
    .map(({ matcher }) => new RegExp(matcher.options.slice(1, -1)));
  const matching = (name: string) =>
    new Set(patterns.filter((pattern) => pattern.test(name)).map(({ source }) => source)).size;
  for (const name of [
    "llm.decode",
    '"llm.decode"',
    '{name="llm.decode", p="x"}',
    "/v1/completions",
  ]) {
    assert.equal(matching(name), 1, name);
  }
  assert.equal(matching("llm.decode.step"), 0);
  assert.equal(matching("llmxdecode"), 0);
});
