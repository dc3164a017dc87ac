/** Every PromQL of panels and alerts, read by Prometheus's own tool, and what the alerts' say of series. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import {
  alertExpression,
  collectorMetrics,
  listStoredMetrics,
  type MetricAlert,
  panelExpression,
  type StoredMetric,
  tempoMetrics,
} from "#contract";
import { miniserve } from "#miniserve";
import { checkout } from "../support/traces/checkout.ts";
import { temporaryDirectory } from "./program.ts";

const isThere = spawnSync("promtool", ["--version"]).status === 0;
const options = { skip: !isThere && "there is no promtool: install Prometheus" };

function promtool(context: TestContext, command: readonly string[], content: object) {
  const file = join(temporaryDirectory(context), "file.yaml");
  writeFileSync(file, stringify(content));
  const { status, stdout, stderr } = spawnSync("promtool", [...command, file], {
    encoding: "utf8",
  });
  return { status, said: `${stdout}${stderr}` };
}

test("every expression is PromQL", options, (context) => {
  const metrics = [
    ...listStoredMetrics(miniserve),
    ...listStoredMetrics(checkout),
    ...collectorMetrics,
    ...tempoMetrics,
  ];
  const expressions = metrics.flatMap((metric) => [
    panelExpression(metric).text.replaceAll("$__rate_interval", "5m"),
    ...(metric.alert === undefined ? [] : [alertExpression(metric, metric.alert).text]),
  ]);
  assert.ok(expressions.length > 35);
  const rules = expressions.map((expr, index) => ({ record: `expression:${index}`, expr }));
  const { status, said } = promtool(context, ["check", "rules"], {
    groups: [{ name: "all", rules }],
  });
  assert.equal(status, 0, said);
  assert.match(said, new RegExp(`${expressions.length} rules found`));
});

const texts = {
  title: "",
  action: "",
  severity: "warning",
  windowMinutes: 5,
  forMinutes: 0,
} as const;
const above: MetricAlert = { ...texts, above: 0 };

function createMetric(instrument: StoredMetric["instrument"], name: string): StoredMetric {
  return {
    id: "x",
    name,
    title: "",
    instrument,
    unit: "",
    brief: "",
    advice: "",
    splitBy: [],
    job: "a",
  };
}

test(
  "alerts see what grew, what stayed, what is gone, and what only few exceed",
  options,
  (context) => {
    const cases = [
      {
        // 3 more in the window, of one process.
        metric: createMetric("observable-counter", "lost_total"),
        alert: above,
        series: [{ series: 'lost_total{job="a", instance="i"}', values: "0 0 0 0 0 0 3 3 3 3 3" }],
        expected: [{ labels: '{instance="i"}', value: 3 }],
      },
      {
        // Once nobody waited, so it is not all the time.
        metric: createMetric("gauge", "waiting"),
        alert: above,
        series: [{ series: 'waiting{job="a"}', values: "4 4 4 4 4 4 4 0 4 4 4" }],
        expected: [{ labels: '{job="a"}', value: 0 }],
      },
      {
        metric: createMetric("gauge", "there"),
        alert: { ...texts, below: 1 },
        series: [{ series: 'there{job="a"}', values: "1 1 1 1 0 0 0 0 0 0 0" }],
        expected: [{ labels: '{job="a"}', value: 0 }],
      },
      {
        // Half of them up to 1 s, the other half up to 2 s.
        metric: createMetric("histogram", "took"),
        alert: above,
        series: [
          { series: 'took_bucket{job="a", le="1"}', values: "0+5x10" },
          { series: 'took_bucket{job="a", le="2"}', values: "0+10x10" },
          { series: 'took_bucket{job="a", le="+Inf"}', values: "0+10x10" },
        ],
        expected: [{ labels: "{}", value: 1.9 }],
      },
    ];
    const tests = cases.map(({ metric, alert, series, expected }) => {
      const { text } = alertExpression(metric, alert);
      // What grew is extrapolated to the whole window: here by a quarter at most.
      const expr =
        metric.instrument === "observable-counter" ? `floor(${text})` : `round(${text}, 0.1)`;
      return {
        interval: "1m",
        input_series: series,
        promql_expr_test: [{ expr, eval_time: "10m", exp_samples: expected }],
      };
    });
    const { status, said } = promtool(context, ["test", "rules"], {
      evaluation_interval: "1m",
      tests,
    });
    assert.equal(status, 0, said);
  },
);
