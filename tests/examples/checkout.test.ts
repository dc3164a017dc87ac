/** The example's service in Python sends real spans to a real store: they keep its contract, and are found. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { createSavedQueries, findString, judgeTrace, type Span } from "#contract";
import { checkout } from "../../examples/checkout/contract.ts";
import { fetchTrace, searchTempo } from "../../stack/index.ts";
import { startEmbeddedStack } from "../../stack/trace-store/index.ts";
import { startViewer } from "../../stack/viewer/index.ts";
import { fetchAnswer, hasData, panelQueries } from "../dashboards/panel-answers.ts";
import { MetricReceiver } from "../support/metric-receiver.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { openBrowser, openPage, skipWithoutChromium } from "../viewer/chromium.ts";
import { runExample } from "./running-example.ts";

const store = await startEmbeddedStack([checkout], {
  dataDirectory: temporaryDirectory(),
  ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
  hosts: ["127.0.0.1"],
});
after(() => store.close());
const api = `http://127.0.0.1:${store.ports.tempo}`;
const collector = await MetricReceiver.start();
after(() => collector.stop());
const orders = 30;
const logFile = join(temporaryDirectory(), "checkout.log");
const example = await runExample(["--orders", String(orders), "--seconds", "2", "--log", logFile], {
  environment: {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${store.ports.otlpGrpc}`,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: collector.endpoint,
  },
});
const { skip, report } = example;
const traces = skip === false ? await fetchTraces() : new Map<string, readonly Span[]>();

/** Every trace of the store, by the id of its cart. */
async function fetchTraces(): Promise<Map<string, readonly Span[]>> {
  const { traces: found } = await searchTempo(api, { text: "{}", limit: 1000, ...lastMinutes() });
  const all = await Promise.all(found.map(({ traceID }) => fetchTrace(api, traceID)));
  return new Map(all.map((spans) => [cartOf(spans), spans]));
}

function lastMinutes() {
  const end = Math.ceil(Date.now() / 1000) + 5;
  return { start: end - 600, end };
}

function cartOf(spans: readonly Span[]): string {
  const root = spans.find(({ name }) => name === checkout.spans.checkout.name);
  return findString(root?.attributes ?? [], checkout.attributes.cartId.key) ?? "";
}

test("every order is there as one trace, and each keeps the contract", { skip }, () => {
  assert.equal(example.exitCode, 0, example.output);
  const { results, spans, planted } = report;
  assert.equal(traces.size, orders + planted.length);
  assert.deepEqual(
    Object.keys(results).sort(),
    [...(checkout.attributes.result.values ?? [])].sort(),
  );
  const stored = [...traces.values()].flat();
  assert.deepEqual(spans, { sent: stored.length, lost: 0 });
  const { violations, requests, notJudged } = judgeTrace(checkout, stored);
  assert.deepEqual({ violations, notJudged }, { violations: [], notJudged: [] });
  assert.equal(requests.length, traces.size);
  // What no order has, is not tried.
  const names = new Set(stored.map(({ name }) => name));
  assert.deepEqual(
    Object.values(checkout.spans).filter(({ name }) => !names.has(name)),
    [],
  );
  const carried = new Set(stored.flatMap(({ attributes }) => attributes.map(({ key }) => key)));
  assert.deepEqual(
    Object.values(checkout.attributes).filter(({ key }) => !carried.has(key)),
    [],
  );
});

test("each saved query finds the orders that were planted for it, and no other", {
  skip,
}, async () => {
  const { planted } = report;
  const [some] = planted;
  const queries = createSavedQueries(checkout, { values: { cart: some?.cart.cart ?? "" } });
  const ids = queries.map(({ id }) => id);
  for (const { what, found_by } of planted) {
    assert.deepEqual(
      found_by.filter((id) => !ids.includes(id)),
      [],
      what,
    );
  }
  // What is slow on a machine with much to do is slow for the query too.
  const limitNs = BigInt(getSlowPaymentMs(queries)) * 1_000_000n;
  const slow = [...traces].filter(([, spans]) =>
    spans.some(
      (span) =>
        span.name === checkout.spans.pay.name &&
        span.endTimeUnixNano - span.startTimeUnixNano > limitNs,
    ),
  );
  for (const { id, search } of queries) {
    const expected = planted
      .filter(({ found_by }) => found_by.includes(id))
      .map(({ cart }) => cart.cart);
    if (id === "one-cart") {
      expected.push(some?.cart.cart ?? "");
    }
    const withSlow = id === "slow-payments" ? slow.map(([cart]) => cart) : [];
    const { traces: found } = await searchTempo(api, {
      text: search,
      limit: 1000,
      ...lastMinutes(),
    });
    const carts = found.map(({ traceID }) => cartById.get(traceID) ?? traceID);
    assert.deepEqual(carts.sort(), [...new Set([...expected, ...withSlow])].sort(), id);
  }
  const own = checkout.savedQueries?.((id) => ({ id }) as never).map(({ id }) => id) ?? [];
  const found = new Set(["one-cart", ...planted.flatMap(({ found_by }) => found_by)]);
  assert.deepEqual(
    own.filter((id) => !found.has(id)),
    [],
    "nothing is planted for it",
  );
});

const cartById = new Map([...traces].map(([cart, [span]]) => [span?.traceId ?? "", cart]));

function getSlowPaymentMs(queries: ReturnType<typeof createSavedQueries>): number {
  return Number(queries.find(({ id }) => id === "slow-payments")?.parameters.threshold?.default);
}

/** What the example's orders never do, so that there is nothing to see. */
const emptyPanels: readonly RegExp[] = [
  /: Slow requests$/, // Ten seconds are more than the shop gives an order.
  /: (Spans without their parent|Complete requests without all stages)$/, // Nothing gets lost.
  /: What arrived incomplete: Critical$/,
];

test("every panel of its dashboards has data", { skip }, async () => {
  const chosen = traces.get("voucher5") ?? [];
  const values = { traceId: chosen[0]?.traceId ?? "", cart: cartOf(chosen) };
  const panels = Map.groupBy(await panelQueries(checkout, values), ({ where }) => where);
  assert.ok(panels.size > 50, `${panels.size} panels`);
  const empty: string[] = [];
  for (const [where, queries] of panels) {
    const answers = await Promise.all(queries.map((query) => fetchAnswer(api, query)));
    if (!answers.some(hasData)) {
      empty.push(where);
    }
  }
  const isExpected = (where: string) => emptyPanels.some((panel) => panel.test(where));
  assert.deepEqual(
    empty.filter((where) => !isExpected(where)),
    [],
  );
});

test("the viewer shows its dashboards and explains its traces", {
  skip: skip || skipWithoutChromium,
}, async (t) => {
  const root = join(import.meta.dirname, "..", "..");
  const folder = join(root, "examples", "checkout");
  const viewer = await startViewer({
    hosts: ["127.0.0.1"],
    port: 0,
    tempoUrl: api,
    serverUrl: null,
    logFile,
    checkout: root,
    configuration: join(folder, "miniserve.config.ts"),
    provisioningFolder: join(folder, "provisioning", "generated", "grafana"),
    dashboardsFolder: join(folder, "dashboards", "generated"),
  });
  t.after(() => viewer.close());
  const context = await openBrowser(t);
  const view = { width: 1440, height: 900, theme: "dark" } as const;
  const address = `http://127.0.0.1:${viewer.port}`;
  const home = await openPage(context, address, view);
  await home.page.locator(".link-list a", { hasText: "checkout: Overview" }).waitFor();
  const critical = home.page.locator(".saved-counts li", { hasText: "Paid without an order" });
  await critical.locator("strong.severity-critical", { hasText: "1" }).waitFor();

  const [span] = traces.get("risky001") ?? [];
  const { page, complaints } = await openPage(context, `${address}/trace/${span?.traceId}`, view);
  await page.getByText("As the contract says").waitFor();
  await page.locator(".span-button", { hasText: checkout.spans.risk.name }).first().click();
  const { riskScore } = checkout.attributes;
  await page
    .locator(".attributes tr", { hasText: riskScore.key })
    .getByText(riskScore.brief)
    .waitFor();
  const paid = page.locator(".trace-line", { hasText: checkout.logEvents.paid.name });
  await paid.waitFor();
  assert.deepEqual([complaints, home.complaints], [[], []]);
});

test("its metrics are those of the contract", { skip }, () => {
  const [last] = collector.exports.at(-1)?.resourceMetrics ?? [];
  const { itemsSold, checkoutTime } = checkout.metrics ?? {};
  const sent = last?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
  assert.deepEqual(
    sent.map(({ name, unit }) => `${name} ${unit}`).sort(),
    [checkoutTime, itemsSold].map((metric) => `${metric?.name} ${metric?.unit}`),
  );
  const till = checkout.resource.instance?.key;
  assert.ok(last?.resource.attributes.some(({ key }) => key === till));
  const times = sent.find(({ name }) => name === checkoutTime?.name)?.histogram?.dataPoints ?? [];
  assert.deepEqual(times[0]?.explicitBounds, checkoutTime?.buckets);
  assert.deepEqual(
    times.map(({ attributes = [] }) => attributes[0]?.value.stringValue).sort(),
    Object.keys(report.results).sort(),
  );
});
