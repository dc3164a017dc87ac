/** Metrics in a real Collector with the generated configuration: those that pass, and its own. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  collectorMetrics,
  type MetricDefinition,
  type StoredMetric,
  tempoMetrics,
} from "#contract";
import { metrics, miniserve } from "#miniserve";
import { createSecret } from "../support/canary.ts";
import { decodeMetrics, type ReceivedMetric } from "../support/metric-receiver.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { patienceMs } from "../support/patience.ts";
import { postJson } from "../support/post-json.ts";
import { sendSpans, startCollector } from "./running-collector.ts";
import { startTempo } from "./running-tempo.ts";
import { plainSpan } from "./seeded-spans.ts";

const { OTELCOL_BIN = "", TEMPO_BIN = "" } = process.env;
const options = {
  skip: OTELCOL_BIN === "" && "set OTELCOL_BIN to the Collector, contrib 0.159 or newer",
  timeout: 120_000,
};
const timeUnixNano = "1700000000000000000";

async function waitFor(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const giveUpAt = performance.now() + patienceMs; !(await isSo()); await delay(50)) {
    assert.ok(performance.now() < giveUpAt, `Waited ${patienceMs} ms for ${what}.`);
  }
}

function labels(metric: MetricDefinition, changes: Readonly<Record<string, string>> = {}) {
  const declared: [string, string][] = Object.values(metric.attributes).map(({ key, examples }) => [
    key,
    String(examples[0]),
  ]);
  return Object.entries({ ...Object.fromEntries(declared), ...changes }).map(
    ([key, stringValue]) => ({
      key,
      value: { stringValue: String(stringValue) },
    }),
  );
}

/** One point of a metric, in OTLP's JSON. */
function createPoint(
  metric: MetricDefinition,
  changes?: Readonly<Record<string, string>>,
  rest = {},
) {
  const common = { attributes: labels(metric, changes), timeUnixNano, ...rest };
  const { name, unit, buckets = [], instrument } = metric;
  const named = { name, unit, description: metric.brief };
  switch (instrument) {
    case "histogram": {
      const bucketCounts = [...buckets.map(() => "0"), "1"];
      const point = { ...common, count: "1", sum: 99, bucketCounts, explicitBounds: buckets };
      return { ...named, histogram: { aggregationTemporality: 2, dataPoints: [point] } };
    }
    case "gauge":
      return { ...named, gauge: { dataPoints: [{ ...common, asDouble: 1 }] } };
    default:
      return {
        ...named,
        sum: {
          aggregationTemporality: 2,
          isMonotonic: true,
          dataPoints: [{ ...common, asInt: "5" }],
        },
      };
  }
}

/** Those of the first point that came. */
function listLabels(found: ReceivedMetric | undefined): string[] {
  const points = found?.histogram ?? found?.sum ?? found?.gauge;
  return (points?.dataPoints[0]?.attributes ?? []).map(labelText).sort();
}

function labelText({ key, value }: { key: string; value: { stringValue?: string } }): string {
  return `${key}=${value.stringValue}`;
}

function createExport(sent: readonly object[], resource: readonly object[] = [], scope = {}) {
  return {
    resourceMetrics: [
      { resource: { attributes: resource }, scopeMetrics: [{ scope, metrics: sent }] },
    ],
  };
}

/** A Collector, and in Tempo's place what takes its spans. */
async function startBoth(context: TestContext) {
  const receiver = await OtlpReceiver.start();
  context.after(() => receiver.stop());
  const tempo = `127.0.0.1:${receiver.grpcPort}`;
  return { receiver, collector: await startCollector(context, { path: OTELCOL_BIN, tempo }) };
}

test(
  "metrics of the contract pass with their labels, and nothing else does",
  options,
  async (context) => {
    const { collector } = await startBoth(context);
    const secret = createSecret(16);
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const { attributes, instance } = miniserve.resource;
    const resource = [
      ...[...Object.values(attributes), instance].flatMap((attribute) =>
        attribute === undefined ? [] : [text(attribute.key, String(attribute.examples[0]))],
      ),
      text("host.name", secret),
    ];
    const all = Object.values<MetricDefinition>(metrics);
    const { requestDuration, queueDepth } = metrics;
    const [modelKey, routeKey] = [
      requestDuration.attributes.model?.key ?? "",
      requestDuration.attributes.route?.key ?? "",
    ];
    const planted = [
      { ...createPoint(queueDepth), name: `miniserve.${secret}` },
      { ...createPoint(queueDepth), description: secret, unit: secret },
      createPoint(requestDuration, { [routeKey]: `/v1/completions?q=${secret}` }),
      createPoint(requestDuration, { [modelKey]: `a ${secret}` }),
      createPoint(requestDuration, { [secret]: "x", "user.id": secret }),
      createPoint(
        queueDepth,
        {},
        { exemplars: [{ asDouble: 1, timeUnixNano, filteredAttributes: [text("q", secret)] }] },
      ),
      { ...createPoint(queueDepth), metadata: [text("note", secret)] },
    ];
    const scope = { name: secret, version: secret, attributes: [text("note", secret)] };
    const document = createExport(
      [...all.map((metric) => createPoint(metric)), ...planted],
      resource,
      scope,
    );
    assert.ok(JSON.stringify(document).includes(secret));
    const { status, text: answer } = await postJson(
      `${collector.httpEndpoint}/v1/metrics`,
      document,
    );
    assert.equal(status, 200, answer);
    await waitFor("the metrics", () => collector.metrics().length > 0);
    assert.ok(!collector.metrics().includes(secret), "the secret passed");
    assert.ok(!collector.program.output.includes(secret));
    const [received] = decodeMetrics(collector.metrics()).resourceMetrics;
    assert.deepEqual(
      received?.resource.attributes.map(({ key }) => key).sort(),
      [...Object.values(attributes), instance].map((attribute) => attribute?.key).sort(),
    );
    const [passed] = received?.scopeMetrics ?? [];
    assert.equal(passed?.scope.name, miniserve.tracerName);
    for (const metric of all) {
      const found: ReceivedMetric | undefined = passed?.metrics.find(
        ({ name }) => name === metric.name,
      );
      assert.equal(found?.unit, metric.unit, metric.name);
      assert.deepEqual(listLabels(found), labels(metric).map(labelText).sort());
    }
  },
);

test(
  "the Collector has the metrics that panels and alerts ask it for",
  options,
  async (context) => {
    const { receiver, collector } = await startBoth(context);
    await sendSpans(collector.httpEndpoint, [plainSpan("a".repeat(32), BigInt(timeUnixNano))]);
    await receiver.waitFor("the span", ({ length }) => length === 1);
    // Those that are only there once something has gone wrong.
    const later = /send_failed|enqueue_failed/;
    const asked = collectorMetrics.filter(({ name }) => !later.test(name));
    await waitFor("all metrics", async () => {
      const text = await (await fetch(collector.metricsUrl)).text();
      return asked.every((metric) => isThere(text, metric));
    });
  },
);

test("Tempo has the metrics that panels and alerts ask it for", {
  skip: TEMPO_BIN === "" && "set TEMPO_BIN to Tempo 3.0.3",
  timeout: 120_000,
}, async (context) => {
  const tempo = await startTempo(context, { path: TEMPO_BIN, purpose: "development" });
  await sendSpans(tempo.otlpHttp, [plainSpan("a".repeat(32), BigInt(Date.now()) * 1_000_000n)]);
  // Discarding and failing have labels, and are only there once they happened; up is Prometheus's own.
  const later = /discarded|poll_errors|collections_failed|^up$/;
  const asked = tempoMetrics.filter(({ name }) => !later.test(name));
  await waitFor("all metrics", async () => {
    const text = await (await fetch(`${tempo.url}/metrics`)).text();
    return asked.every((metric) => isThere(text, metric));
  });
});

function isThere(text: string, { name, instrument, splitBy }: StoredMetric): boolean {
  const suffix = instrument === "histogram" ? "_bucket" : "";
  const line = text.split("\n").find((one) => new RegExp(`^${name}${suffix}[{ ]`).test(one));
  return line !== undefined && splitBy.every((label) => line.includes(`${label}="`));
}
