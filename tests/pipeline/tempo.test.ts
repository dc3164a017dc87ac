/** The generated configurations in a real Tempo, and a real request on its way there. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { getServiceName, maxTextCharacters, type Span, validateTrace } from "#contract";
import { miniserve } from "#miniserve";
import { fetchTrace, waitForTrace } from "../../stack/trace/tempo-client.ts";
import { searchTempo } from "../../stack/trace/tempo-query.ts";
import { createSecret } from "../support/canary.ts";
import { postJson } from "../support/post-json.ts";
import { ServerProcess } from "../support/server-process.ts";
import { formatSpan } from "../support/span-text.ts";
import { completeRequest } from "../support/traces/complete-request.ts";
import { sendSpans, startCollector } from "./running-collector.ts";
import { startTempo } from "./running-tempo.ts";
import { plainSpan, plantings } from "./seeded-spans.ts";

const { TEMPO_BIN = "", OTELCOL_BIN = "" } = process.env;
const timeout = 240_000;
const withTempo = { skip: TEMPO_BIN === "" && "set TEMPO_BIN to Tempo 3.0.3", timeout };
const withBoth = {
  skip:
    (TEMPO_BIN === "" || OTELCOL_BIN === "") &&
    "set TEMPO_BIN and OTELCOL_BIN to Tempo 3.0.3 and the Collector, contrib 0.159 or newer",
  timeout,
};

const nowNs = () => BigInt(Date.now()) * 1_000_000n;
const newTraceId = () => randomBytes(16).toString("hex");

/**
 * The ids of the traces that a search finds, asked until it finds some. What is older than 15 minutes
 * is found in blocks only, which takes until one is written and seen.
 */
async function search(url: string, text: string, ageSeconds = 600): Promise<string[]> {
  const giveUpAt = performance.now() + (ageSeconds > 900 ? 150_000 : 20_000);
  for (;;) {
    const end = Math.ceil(Date.now() / 1000) + 5;
    const { traces = [] } = await searchTempo(url, {
      text,
      start: end - ageSeconds,
      end,
      limit: 1000,
    });
    if (traces.length > 0 || performance.now() > giveUpAt) {
      return traces.map(({ traceID }) => traceID.padStart(32, "0"));
    }
    await delay(100);
  }
}

test("a request of the server goes through the Collector to Tempo, whole", withBoth, async (t) => {
  const tempo = await startTempo(t, { path: TEMPO_BIN, purpose: "development" });
  const collector = await startCollector(t, { path: OTELCOL_BIN, tempo: tempo.otlpGrpc });
  await using server = await ServerProcess.start({
    receiver: { grpcEndpoint: collector.grpcEndpoint },
    settings: { MINISERVE_LOG_FILE: join(collector.logDirectory, "miniserve.log") },
  });
  const { status, traceId } = await postJson(`${server.url}/v1/completions`, {
    model: "any",
    prompt: "Once",
    max_tokens: 0,
  });
  assert.equal(status, 200);
  const expectedSpans = completeRequest(miniserve).length;
  const isComplete = ({ length }: readonly Span[]) => length >= expectedSpans;
  const spans = await waitForTrace(tempo.url, traceId, { limitMs: 20_000, isComplete });
  assert.deepEqual(validateTrace(miniserve, spans), []);
  assert.equal(spans.length, expectedSpans);
  const service = miniserve.resource.attributes.serviceName?.key;
  const { tokensOut } = miniserve.attributes;
  const found = await search(
    tempo.url,
    `{ resource.${service} = "${getServiceName(miniserve)}" && span.${tokensOut.key} = 0 }`,
  );
  assert.deepEqual(found, [traceId]);
  const giveUpAt = performance.now() + 20_000;
  const lastLine = miniserve.logEvents.requestFinished.name;
  while (!collector.lines().includes(lastLine) && performance.now() < giveUpAt) {
    await delay(100);
  }
  assert.ok(collector.lines().includes(lastLine));
  assert.ok(collector.lines().includes(Buffer.from(traceId, "hex")));
});

test("nothing that is planted in a span is in Tempo", withBoth, async (t) => {
  const tempo = await startTempo(t, { path: TEMPO_BIN, purpose: "development" });
  const collector = await startCollector(t, { path: OTELCOL_BIN, tempo: tempo.otlpGrpc });
  const planted = plantings.map(({ place, plant }) => {
    const secret = createSecret(16);
    return { place, secret, span: plant(plainSpan(newTraceId(), nowNs()), secret) };
  });
  await sendSpans(
    collector.httpEndpoint,
    planted.map(({ span }) => span),
  );
  const isComplete = (spans: readonly Span[]) => spans.length === 1;
  for (const { place, secret, span } of planted) {
    const isKept = span.links.length === 0;
    const limitMs = isKept ? 20_000 : 0;
    const spans = await waitForTrace(tempo.url, span.traceId, { limitMs, isComplete });
    assert.equal(spans.length, isKept ? 1 : 0, place);
    assert.ok(!spans.map(formatSpan).join().includes(secret), place);
  }
});

for (const purpose of ["development", "production"] as const) {
  test(
    `${purpose}: spans from before an outage are found, and texts are whole`,
    withTempo,
    async (t) => {
      const tempo = await startTempo(t, { path: TEMPO_BIN, purpose });
      const traceId = newTraceId();
      const sixHoursAgo = nowNs() - 6n * 3600n * 1_000_000_000n;
      const value = "€".repeat(maxTextCharacters);
      const span: Span = {
        ...plainSpan(traceId, sixHoursAgo),
        attributes: [{ key: "text", value: { type: "string", value } }],
      };
      await sendSpans(tempo.otlpHttp, [span]);
      const query = `{ name = "${span.name}" }`;
      assert.deepEqual(await search(tempo.url, query, 12 * 3600), [traceId]);
      const [stored] = await fetchTrace(tempo.url, traceId);
      assert.deepEqual(stored?.attributes, span.attributes);
    },
  );
}

test("each string can be asked whether it is nil", withTempo, async (t) => {
  const tempo = await startTempo(t, { path: TEMPO_BIN, purpose: "development" });
  const strings = Object.values(miniserve.attributes).filter(({ type }) => type === "string");
  const attributes = strings.map(({ key }) => ({
    key,
    value: { type: "string", value: "x" } as const,
  }));
  const spans = strings.map(({ key }) => ({
    ...plainSpan(newTraceId(), nowNs()),
    attributes: attributes.filter((attribute) => attribute.key !== key),
  }));
  await sendSpans(tempo.otlpHttp, spans);
  for (const [index, { key }] of strings.entries()) {
    assert.deepEqual(await search(tempo.url, `{ span.${key} = nil }`), [spans[index]?.traceId]);
  }
});

test("a burst over ten thousand traces is kept", withTempo, async (t) => {
  const tempo = await startTempo(t, { path: TEMPO_BIN, purpose: "development" });
  const traceIds = Array.from({ length: 12_000 }, newTraceId);
  for (let first = 0; first < traceIds.length; first += 2000) {
    const batch = traceIds.slice(first, first + 2000);
    await sendSpans(
      tempo.otlpHttp,
      batch.map((traceId) => plainSpan(traceId, nowNs())),
    );
  }
  const metrics = await (await fetch(`${tempo.url}/metrics`)).text();
  const discarded = metrics.match(/^tempo_discarded_spans_total.* [1-9]\d*$/gm);
  assert.deepEqual(discarded, null);
  for (const traceId of [traceIds[0], traceIds[11_000], traceIds[11_999]]) {
    assert.equal((await fetchTrace(tempo.url, traceId ?? "")).length, 1);
  }
});

test("what is over Tempo's rate limit waits in the Collector", withBoth, async (t) => {
  const tempo = await startTempo(t, {
    path: TEMPO_BIN,
    purpose: "development",
    change: (configuration) =>
      configuration
        .replace(/rate_limit_bytes: \d+/, "rate_limit_bytes: 50000")
        .replace(/burst_size_bytes: \d+/, "burst_size_bytes: 450000"),
  });
  const collector = await startCollector(t, { path: OTELCOL_BIN, tempo: tempo.otlpGrpc });
  const traceIds = Array.from({ length: 20 }, newTraceId);
  const spansOfEach = 200;
  for (const traceId of traceIds) {
    const spans = Array.from({ length: spansOfEach }, () => ({
      ...plainSpan(traceId, nowNs()),
      spanId: randomBytes(8).toString("hex"),
    }));
    await sendSpans(collector.httpEndpoint, spans);
  }
  const isComplete = ({ length }: readonly Span[]) => length === spansOfEach;
  for (const traceId of traceIds) {
    const spans = await waitForTrace(tempo.url, traceId, { limitMs: 60_000, isComplete });
    assert.equal(spans.length, spansOfEach);
  }
  const wasReached = collector.program.output.includes("RATE_LIMITED");
  assert.ok(wasReached, "the limit was not reached");
});
