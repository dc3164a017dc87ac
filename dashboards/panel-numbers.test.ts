/** What a panel's numbers are called and from where on they are red, beside what it asks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve } from "#miniserve";
import { type Panel, readDashboards } from "../tests/support/dashboard-panels.ts";
import { toServices } from "../tests/support/services.ts";
import { generatedFiles } from "./index.ts";

const dashboards = readDashboards(await generatedFiles(toServices(miniserve)));
const panels = [...dashboards.values()].flatMap((dashboard) => dashboard.panels);

/** Written out once more: what makes the panels must not decide whether they are right. */
const grafanaUnits: Readonly<Record<string, string>> = { us: "µs", ms: "ms" };
/** Of rates and counts: what a number of things, and of things a second, may be called. */
const ofRate = ["reqps", "ops", "Bps", "suffix:/s"];
const ofCount = ["short", "locale"];

/** The units that fit what a TraceQL metrics query measures. */
function listTraceqlUnits(query: string): readonly string[] {
  const [, measure = "", field = ""] = /\| (\w+)\(([^),]*)/.exec(query) ?? [];
  if (measure === "rate") {
    return ofRate;
  }
  if (measure === "count_over_time") {
    return ofCount;
  }
  if (field === "duration") {
    return ["s"];
  }
  const key = field.replace(/^(span|resource)\./, "");
  const attribute = Object.values(miniserve.attributes).find((one) => one.key === key);
  assert.ok(attribute, `${query}: no attribute of the contract is measured`);
  return [grafanaUnits[("unit" in attribute ? attribute.unit : undefined) ?? ""] ?? "short"];
}

/** The same for Prometheus, whose names end with the unit. */
function listPromqlUnits(expression: string): readonly string[] {
  const [, name = ""] = /(\w+)(\{[^}]*\})?\[/.exec(expression) ?? [];
  if (/_seconds_bucket$/.test(name)) {
    return ["s"];
  }
  if (/_ratio_bucket$/.test(name)) {
    return ["percentunit"];
  }
  if (/_bytes\w*_total$/.test(name)) {
    return ["Bps"];
  }
  if (name !== "") {
    return ["ops"];
  }
  return /_rss\b/.test(expression) ? ["bytes"] : ["short"];
}

function findUnit({ type, fieldConfig, options }: Panel): string | undefined {
  return type === "heatmap" ? options?.yAxis?.unit : fieldConfig?.defaults.unit;
}

test("a panel's unit is that of what it measures", () => {
  let compared = 0;
  for (const panel of panels) {
    for (const { query = "", expr = "" } of panel.targets ?? []) {
      const isMeasured =
        /\| (rate|\w+_over_time)\(/.test(query) || (expr !== "" && panel.type !== "logs");
      if (!isMeasured) {
        continue;
      }
      const fitting = query === "" ? listPromqlUnits(expr) : listTraceqlUnits(query);
      const unit = findUnit(panel) ?? "";
      assert.ok(
        fitting.includes(unit),
        `${panel.title}: ${unit} is none of ${fitting} (${query}${expr})`,
      );
      compared += 1;
    }
  }
  assert.ok(compared > 100, `${compared} panels were compared`);
});

test("a rate of a metric looks back over several of the server's pushes, one a minute", () => {
  const rated = panels.flatMap(({ targets = [] }) =>
    targets.filter(({ expr }) => expr?.includes("$__rate_interval")),
  );
  assert.ok(rated.length > 10, `${rated.length} rates`);
  // Grafana takes four times a query's own least step as $__rate_interval.
  assert.deepEqual([...new Set(rated.map(({ interval }) => interval))], ["1m"]);
});

test("each number of the overview has the colour of its severity where its description says", () => {
  const stats = panels.filter(({ type, title }) => type === "stat" && title in colourSteps);
  assert.deepEqual(
    Object.fromEntries(
      stats.map(({ title, fieldConfig }) => [title, listThresholdSteps(fieldConfig)]),
    ),
    colourSteps,
  );
});

const warningFrom = (value: number) => [["green", null] as const, ["dark-yellow", value] as const];

/** Written out once more, in the units in which the panels show them. */
const colourSteps: Readonly<Record<string, readonly (readonly [string, number | null])[]>> = {
  Requests: [["text", null]],
  Failed: [
    ["green", null],
    ["red", 1],
  ],
  Duration: warningFrom(10),
  "First token": warningFrom(2_000_000),
  "Slot wait": warningFrom(1_000_000),
  "Decode step": warningFrom(100),
};

function listThresholdSteps(fieldConfig: Panel["fieldConfig"]) {
  const steps = fieldConfig?.defaults.thresholds?.steps ?? [];
  return steps.map(({ color, value }) => [color, value]);
}
