/** The generated agent and gateways as real Collectors: who judges a trace, and which are kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Span } from "#contract";
import { miniserve } from "#miniserve";
import { listSampling } from "../../stack/deployment/scale/sampling/kept-traces.ts";
import { sendSpans } from "../pipeline/running-collector.ts";
import { createTraceSpans, plants } from "../queries/seeded-requests.ts";
import { type CollectorTiers, startTiers } from "./collector-tiers.ts";

const { OTELCOL_BIN = "" } = process.env;
const options = {
  skip:
    OTELCOL_BIN === "" &&
    "set OTELCOL_BIN to a Collector, contrib 0.159 or newer, with tail sampling and load balancing",
  timeout: 120_000,
};
const keptQueries = new Set(
  listSampling(miniserve).flatMap(({ query, condition }) =>
    condition === undefined ? [] : [query.id],
  ),
);

/** As a server sends them: the stages as they end, the root in the end, by another export. */
async function sendInParts({ agentUrl }: CollectorTiers, traces: readonly Span[][]): Promise<void> {
  const isRoot = ({ name }: Span): boolean => name === miniserve.spans.handler.name;
  const all = traces.flat();
  await sendSpans(
    agentUrl,
    all.filter((span) => !isRoot(span)),
  );
  await sendSpans(agentUrl, all.filter(isRoot));
}

function tracesIn(store: CollectorTiers["stores"][number] | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { traceId } of store?.spans ?? []) {
    counts.set(traceId, (counts.get(traceId) ?? 0) + 1);
  }
  return counts;
}

async function settled(tiers: CollectorTiers): Promise<void> {
  // Longer than any trace waits for its root, and no span for a while after it.
  await delay(6_000);
  for (let before = -1, now = 0; before !== now; ) {
    before = now;
    await delay(1_500);
    now = tiers.stores.reduce((sum, { spans }) => sum + spans.length, 0);
  }
}

test(
  "every error and every anomaly of one span is kept whole, and nothing else without a share",
  options,
  async (context) => {
    const tiers = await startTiers(context, { path: OTELCOL_BIN, sharePercent: 0 });
    const sent = Object.entries(plants).map(([plant, { requests, foundBy }]) => {
      const spans = createTraceSpans(requests, Date.now() - 60_000);
      const isError = spans.some(({ status }) => status.code === "error");
      const isKept = isError || Object.keys(foundBy).some((id) => keptQueries.has(id));
      return { plant, spans, isKept };
    });
    assert.ok(sent.some(({ isKept }) => isKept) && sent.some(({ isKept }) => !isKept));
    await sendInParts(
      tiers,
      sent.map(({ spans }) => spans),
    );
    await settled(tiers);
    const [first, second] = tiers.stores.map(tracesIn);
    const wrong = sent.flatMap(({ plant, spans, isKept }) => {
      const { traceId = "" } = spans[0] ?? {};
      const arrived = (first?.get(traceId) ?? 0) + (second?.get(traceId) ?? 0);
      return arrived === (isKept ? spans.length : 0)
        ? []
        : [`${plant}: ${arrived} of ${spans.length}`];
    });
    assert.deepEqual(wrong, [], tiers.output().slice(-2000));
  },
);

test(
  "all spans of a trace end at one gateway, and a share of the ordinary traces is kept whole",
  options,
  async (context) => {
    const tiers = await startTiers(context, { path: OTELCOL_BIN, sharePercent: 50 });
    const traces = Array.from({ length: 200 }, () => createTraceSpans([{}], Date.now() - 60_000));
    await sendInParts(tiers, traces);
    await settled(tiers);
    const [first, second] = tiers.stores.map(tracesIn);
    const both = [...(first ?? [])].filter(([traceId]) => second?.has(traceId));
    assert.deepEqual(both, [], "traces that two gateways have");
    const counts = [...(first?.values() ?? []), ...(second?.values() ?? [])];
    assert.deepEqual([...new Set(counts)], [traces[0]?.length], "spans of a kept trace");
    // 200 throws of a coin: the chance to be outside of this is one in a million.
    assert.ok(counts.length > 65 && counts.length < 135, `${counts.length} of 200`);
    assert.ok((first?.size ?? 0) > 10 && (second?.size ?? 0) > 10, "both gateways work");
  },
);

test("an agent that does not know the word is not heard", options, async (context) => {
  const tiers = await startTiers(context, {
    path: OTELCOL_BIN,
    sharePercent: 100,
    agentToken: "another",
  });
  await sendInParts(tiers, [createTraceSpans([{}], Date.now() - 60_000)]);
  await delay(6_000);
  assert.deepEqual(
    tiers.stores.map(({ spans }) => spans.length),
    [0, 0],
  );
  assert.match(tiers.output(), /Unauthenticated/);
  // Nor is whoever comes without TLS.
  await assert.rejects(fetch(`http://${tiers.gatewayAddress}/`, { method: "POST" }));
});
