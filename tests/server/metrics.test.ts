import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { MetricDefinition } from "#contract";
import { logEvents, metrics, miniserve } from "#miniserve";
import { certainRequests, endless } from "../endurance/certain-requests.ts";
import { Clients } from "../endurance/client.ts";
import { engineWithFaults } from "../endurance/engine-with-faults.ts";
import { indexNames } from "../endurance/planned-content.ts";
import { FaultPlan } from "../endurance/planned-faults.ts";
import { retrieverWithFaults } from "../endurance/retriever-with-faults.ts";
import { createSecret } from "../support/canary.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { documents, IndexScene } from "../support/index-fixture.ts";
import { MetricReceiver } from "../support/metric-receiver.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { patienceMs } from "../support/patience.ts";
import { postJson } from "../support/post-json.ts";
import { converse, rawPost, rawRequest } from "../support/raw-http.ts";
import { ServerProcess } from "../support/server-process.ts";
import {
  assertSame,
  computeMeasured,
  type Measured,
  measuredInText,
  measuredOverOtlp,
} from "./measured-spans.ts";

/** Those that are made of spans; the others are looked up. */
function recorded(measured: Measured): Measured {
  const declared: Readonly<Record<string, MetricDefinition>> = metrics;
  return Object.fromEntries(
    Object.entries(measured).filter(
      ([identifier]) =>
        declared[identifier]?.instrument === "histogram" ||
        declared[identifier]?.instrument === "counter",
    ),
  );
}

function listOutcomes(measured: Measured): string[] {
  return Object.keys(measured.requestDuration ?? {})
    .map((labels) => /outcome=(\w+)/.exec(labels)?.[1] ?? "")
    .filter((outcome, index, all) => all.indexOf(outcome) === index)
    .sort();
}

async function waitFor(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const giveUpAt = performance.now() + patienceMs; !(await isSo()); await delay(10)) {
    assert.ok(performance.now() < giveUpAt, `Waited ${patienceMs} ms for ${what}.`);
  }
}

async function fetchText(url: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(answer.headers.get("x-trace-id"), null);
  return answer.text();
}

test("requests of each outcome are measured as their spans say, in the text and over OTLP", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const collector = await MetricReceiver.start();
  process.env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT = collector.endpoint;
  t.after(() => {
    delete process.env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT;
    collector.stop();
  });
  const faultPlan = new FaultPlan();
  const server = await InProcessServer.start({
    receiver,
    settings: { MINISERVE_SLOTS: "2", MINISERVE_REQUEST_TIMEOUT_MS: "1000" },
    engine: (real) => engineWithFaults(real, faultPlan),
    retriever: (real) => retrieverWithFaults(real, faultPlan),
  });
  const clients = new Clients(server, faultPlan);
  const secret = createSecret(20);
  try {
    await using scene = await IndexScene.open(documents);
    await scene.build(server.indexesDirectory, indexNames.usable, server.embedder);
    const messages = [{ role: "user", content: `the record of ${secret}` }];
    for (const body of [
      { messages, max_tokens: 5 },
      { messages, max_tokens: 6, stream: true },
      { messages, max_tokens: 0 },
      { messages, max_tokens: -1 },
      { messages, max_tokens: 3, model: secret, user: secret },
    ]) {
      await postJson(`${server.url}/v1/chat/completions`, body);
    }
    await postJson(`${server.url}/v1/completions`, { prompt: "the story", max_tokens: 3 });
    for (const plan of certainRequests) {
      await clients.play(plan);
    }
    await waitFor("all requests to be over", () => server.requestsRunning === 0);
    const ended = () => server.statistics.spansEnded;
    await receiver.waitFor("every span", (received) => received.length === ended());

    const inText = measuredInText(await fetchText(server.url));
    const expected = computeMeasured(receiver.spans);
    assert.deepEqual(listOutcomes(expected), [
      "aborted",
      "completed",
      "failed",
      "rejected",
      "timeout",
    ]);
    assertSame(recorded(inText), expected, "what the text says");
    assert.deepEqual(
      [inText.queueDepth, inText.slotsUsed, inText.slotsLimit, inText.spansEnded],
      [{ "": 0 }, { "": 0 }, { "": 2 }, { "": receiver.spans.length }],
    );
  } finally {
    // One that is running when the server stops, which gives it no time.
    const last = clients.play({ ...endless, fault: { fault: "decode hangs", afterSteps: 2 } });
    let text = "";
    await waitFor("the last request to have its slot", async () => {
      text = await fetchText(server.url);
      return measuredInText(text).slotsUsed?.[""] === 1;
    });
    assert.ok(!text.includes(secret));
    await server.stop(0);
    await last;
  }
  const [sent] = collector.exports.at(-1)?.resourceMetrics ?? [];
  const overOtlp = measuredOverOtlp(sent?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []);
  const expected = computeMeasured(receiver.spans);
  assert.deepEqual(listOutcomes(expected), Object.keys(miniserve.outcomes?.byName ?? {}).sort());
  assertSame(recorded(overOtlp), expected, "what was sent");
  assert.deepEqual(
    [overOtlp.spansAccepted, overOtlp.spansDropped],
    [{ "": receiver.spans.length }, { "": 0 }],
  );
  const { attributes, instance } = miniserve.resource;
  assert.deepEqual(
    sent?.resource.attributes.map(({ key }) => key).sort(),
    [...Object.values(attributes), instance].map((attribute) => attribute?.key).sort(),
  );
  assert.deepEqual(
    sent?.scopeMetrics.map(({ scope }) => scope.name),
    [miniserve.tracerName],
  );
  assert.ok(!JSON.stringify(collector.exports).includes(secret));
});

test("a receiver that takes no metrics is left alone for a while, and that is said once", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const server = await ServerProcess.start({
    receiver,
    settings: { OTEL_METRIC_EXPORT_INTERVAL: "400" },
  });
  const said = () => server.lines.filter(({ event }) => event === logEvents.metricsRefused.name);
  await waitFor("the line about it", () => said().length === 1);
  await delay(1_500);
  await server.stop();
  assert.equal(said().length, 1);
  const others = server.lines.filter(({ level }) => ["warn", "error", "fatal"].includes(level));
  assert.deepEqual(
    others.map(({ event }) => event),
    // Of the model, and of the one for vectors.
    [logEvents.modelDegraded.name, logEvents.modelDegraded.name],
  );
});

test("an outage of what takes the metrics is said once, and the next that are sent hold all", async (t) => {
  const collector = await MetricReceiver.start();
  const { endpoint } = collector;
  collector.stop();
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const server = await ServerProcess.start({
    receiver,
    settings: {
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
      OTEL_METRIC_EXPORT_INTERVAL: "400",
    },
  });
  const said = () => server.lines.filter(({ event }) => event === logEvents.metricsNotSent.name);
  await waitFor("the line about it", () => said().length === 1);
  await delay(1_500);
  await server.stop();
  assert.deepEqual(
    said().map(({ reason }) => reason),
    ["14 UNAVAILABLE"],
  );
});

test("metrics are for whom the server is for: its names, its key, and nobody's trace", async (t) => {
  const server = await ServerProcess.start({ settings: { MINISERVE_API_KEY: "the-key" } });
  t.after(() => server.dispose());
  const ask = (headers: Record<string, string>) =>
    converse(server.port, rawRequest("GET", "/metrics", { connection: "close", ...headers }));
  assert.match(await ask({ host: "localhost" }), /^HTTP\/1\.1 401 /);
  assert.match(await ask({ host: "evil.example" }), /^HTTP\/1\.1 421 /);
  assert.match(
    await ask({ host: "localhost", origin: "https://evil.example" }),
    /^HTTP\/1\.1 403 /,
  );
  const answer = await ask({ host: "localhost", authorization: "Bearer the-key" });
  assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*\ntarget_info\{[^\n]*service_name="miniserve",/);
  const posted = await converse(server.port, rawPost("/metrics", {}));
  assert.match(posted, /^HTTP\/1\.1 (401|405) /);
});
