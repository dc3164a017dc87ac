import assert from "node:assert/strict";
import { test } from "node:test";
import { scrapeNames } from "../../scripts/audit/known/scrape-file.ts";
import { type Asked, auditText, classicBoard, summarize } from "./shop.ts";

/** What is asked, and how it is judged: each kind of name, there and not there. */
const cases: readonly (readonly [query: string, by: "tempo" | "prometheus", judged: string])[] = [
  ['{ name = "checkout" && span.shop.items.count > 1 }', "tempo", "declared"],
  ['{ resource.service.name = "anybody" && .cloud.region = "north" }', "tempo", "declared"],
  ['{ event.exception.type = "Error" && status = error }', "tempo", "declared"],
  [
    '{ span.shop.till.nam = "a" }',
    "tempo",
    "dead, attribute span.shop.till.nam → span.shop.till.name",
  ],
  [
    '{ span.cloud.region = "north" }',
    "tempo",
    "dead, attribute span.cloud.region → resource.cloud.region",
  ],
  ["{ span.nothing.like.it = 1 }", "tempo", "dead, attribute span.nothing.like.it"],
  ["{ span.shop.items > 1 }", "tempo", "dead, attribute span.shop.items → span.shop.items.count"],
  ['{ name = "buy" }', "tempo", "dead, span name buy → checkout"],
  [
    '{ name = "payment.change" } | rate()',
    "tempo",
    "dead, span name payment.change → payment.charge",
  ],
  [
    '{ span.shop.payment.state = "payed" }',
    "tempo",
    "dead, attribute value payed of span.shop.payment.state → paid",
  ],
  ['{ span.shop.payment.state =~ "paid|payed" }', "tempo", "declared"],
  ['{ span.shop.gone = 1 || span.shop.till.name = "a" }', "tempo", "declared"],
  ["{ span.shop.gone = nil }", "tempo", "declared"],
  ['{ span.shop.cashier = "a" }', "tempo", "declared"],
  ['{ span.shop.note.inside = "x" }', "tempo", "declared"],
  [
    "{ } | rate() by (span.shop.tills.name)",
    "tempo",
    "dead, attribute span.shop.tills.name → span.shop.till.name",
  ],
  ["{ span.shop.gone = }", "tempo", "unreadable"],
  ["sum(rate(shop_sold_total[5m]))", "prometheus", "declared"],
  ['shop_sold_total{shop_payment_state="paid", job="a", namespace="b"}', "prometheus", "declared"],
  [
    "histogram_quantile(.9, sum by (le) (rate(shop_checkout_duration_seconds_bucket[5m])))",
    "prometheus",
    "declared",
  ],
  [
    "rate(shop_took_seconds_sum[5m])",
    "prometheus",
    "dead, metric shop_took_seconds_sum → shop_checkout_duration_seconds_sum",
  ],
  ["rate(shop_solds_total[5m])", "prometheus", "dead, metric shop_solds_total → shop_sold_total"],
  [
    "shop_solds_total or vector(0)",
    "prometheus",
    "dead, metric shop_solds_total → shop_sold_total",
  ],
  ["shop_solds_total or shop_sold_total", "prometheus", "declared"],
  [
    'shop_sold_total{shop_payment_status="paid"}',
    "prometheus",
    "dead, label shop_payment_status of shop_sold_total → shop_payment_state",
  ],
  [
    'shop_sold_total{shop_payment_state="payed"}',
    "prometheus",
    "dead, label value payed of shop_payment_state → paid",
  ],
  ["up", "prometheus", "declared"],
  ["sum(", "prometheus", "unreadable"],
];

test("every kind of name is judged by what a contract declares", async () => {
  const asked = cases.map(([query, by]): Asked => ({ title: query, query, by }));
  const audited = await auditText(JSON.stringify(classicBoard(asked)));
  assert.deepEqual(
    audited.map(summarize),
    cases.map(([query, , judged]) => `${query}: ${judged}`),
  );
});

test("what is not judged says why", async () => {
  const panels = [
    { type: "row", title: "a row" },
    { type: "text", title: "a text" },
    {
      type: "logs",
      title: "logs",
      datasource: { type: "loki", uid: "x" },
      targets: [{ expr: '{job="x"}' }],
    },
    { type: "table", title: "nobody knows", targets: [{ rawSql: "select 1" }] },
    {
      type: "table",
      title: "of another panel",
      datasource: { uid: "-- Dashboard --" },
      targets: [{ panelId: 1 }],
    },
    { type: "timeseries", title: "empty" },
    {
      type: "traces",
      title: "a trace",
      datasource: { type: "tempo" },
      targets: [{ queryType: "traceql", query: "$traceId" }],
    },
  ];
  const audited = await auditText(JSON.stringify({ title: "x", panels }));
  assert.deepEqual(
    audited.map(({ panel, state, why }) => `${panel.title}: ${state}, ${why}`),
    [
      "a row: not judged, a panel of the kind row",
      "a text: not judged, a panel of the kind text",
      "logs: not judged, its data source is of the kind loki",
      "nobody knows: not judged, nothing says of which kind its data source is",
      "of another panel: not judged, it shows another panel's data",
      "empty: not judged, it has no query",
      "a trace: not judged, it asks for one trace by its id",
    ],
  );
});

test("metrics are judged by what a service prints of itself", async () => {
  const printed = `# HELP vllm:kv_cache_usage_perc Usage.
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="a,b=\\"c\\""} 0.5
# TYPE vllm:latency_seconds histogram
vllm:latency_seconds_bucket{le="1",model_name="a"} 2
vllm:latency_seconds_sum{model_name="a"} 2
vllm:latency_seconds_count{model_name="a"} 2
# TYPE vllm:not_yet histogram
`;
  const known = [scrapeNames(printed, "metrics.txt")];
  const asked = [
    "vllm:gpu_cache_usage_perc",
    'vllm:kv_cache_usage_perc{model_name="$model", pod="x"}',
    'vllm:kv_cache_usage_perc{model="x"}',
    "histogram_quantile(.5, rate(vllm:latency_seconds_bucket[5m]))",
    'vllm:not_yet_sum{anything="x"}',
  ].map((query): Asked => ({ title: query, query, by: "prometheus" }));
  const audited = await auditText(JSON.stringify(classicBoard(asked)), { known });
  assert.deepEqual(
    audited.map((one) => summarize(one).slice(one.panel.title.length + 2)),
    [
      "dead, metric vllm:gpu_cache_usage_perc → vllm:kv_cache_usage_perc",
      "declared",
      "dead, label model of vllm:kv_cache_usage_perc → model_name",
      "declared",
      "declared",
    ],
  );
});

test("without anything that knows metrics, none is called dead", async () => {
  const asked = [{ title: "a", query: "some_total", by: "prometheus" } as const];
  const [audited] = await auditText(JSON.stringify(classicBoard(asked)), { known: [] });
  assert.equal(audited?.state, "not judged");
  assert.match(audited?.why ?? "", /nothing says which metrics there are/);
});

test("what a variable asks for, and what stands for a metric, is judged", async () => {
  const templating = {
    list: [
      { type: "custom", name: "good", query: "shop_sold_total,shop_gone_total" },
      { type: "custom", name: "bad", query: "shop_gone_total" },
      {
        type: "query",
        name: "tills",
        datasource: { type: "prometheus" },
        query: "label_values(shop_sold_total, shop_till)",
      },
      {
        type: "query",
        name: "states",
        datasource: { type: "tempo" },
        query: { type: 1, label: "shop.payment.stat" },
      },
      { type: "datasource", name: "source", query: "prometheus" },
    ],
  };
  const asked: Asked[] = [
    { title: "good", query: "rate($good[$__rate_interval])", by: "prometheus" },
    { title: "bad", query: "rate($bad[5m])", by: "prometheus" },
    { title: "unknown", query: "rate($other[5m])", by: "prometheus" },
  ];
  const board = classicBoard(asked, { templating });
  const [one] = board.panels;
  const bySource = {
    ...one,
    title: "by variable",
    targets: [{ datasource: "${source}", expr: "shop_gone" }],
  };
  const text = JSON.stringify({ ...board, panels: [...board.panels, bySource] });
  assert.deepEqual((await auditText(text)).map(summarize), [
    "tills: dead, label shop_till of shop_sold_total",
    "states: dead, attribute .shop.payment.stat → .shop.payment.state",
    "good: declared",
    "bad: dead, metric shop_gone_total → shop_sold_total",
    "unknown: not judged",
    "by variable: dead, metric shop_gone",
  ]);
});

test("a search that is put together in the form of Grafana is judged", async () => {
  const filters = [
    {
      id: "a",
      scope: "resource",
      tag: "service.name",
      operator: "=",
      value: ["shop"],
      valueType: "string",
    },
    {
      id: "b",
      scope: "intrinsic",
      tag: "name",
      operator: "=~",
      value: ["buy", "checkout"],
      valueType: "string",
    },
    {
      id: "c",
      scope: "span",
      tag: "shop.payment.state",
      operator: "=",
      value: ["payed"],
      valueType: "string",
    },
    { id: "d", scope: "span", tag: "shop.gone", operator: "=" },
    {
      id: "e",
      scope: "intrinsic",
      tag: "status",
      operator: "=",
      value: "error",
      valueType: "keyword",
    },
  ];
  const panel = {
    type: "table",
    title: "form",
    datasource: { type: "tempo" },
    targets: [{ queryType: "traceqlSearch", filters }],
  };
  const [audited] = await auditText(JSON.stringify({ title: "x", panels: [panel] }));
  assert.equal(
    audited && summarize(audited),
    "form: dead, attribute value payed of span.shop.payment.state → paid",
  );
});

test("metrics that rules record themselves are there", async () => {
  const rules = `groups:
  - name: shop
    rules:
      - record: job:sold:rate5m
        expr: sum(rate(shop_sold_total[5m]))
      - alert: NothingSold
        expr: job:sold:rate5m == 0
      - alert: NothingGone
        expr: job:gone:rate5m == 0
`;
  assert.deepEqual((await auditText(rules)).map(summarize), [
    "job:sold:rate5m: declared",
    "NothingSold: declared",
    "NothingGone: dead, metric job:gone:rate5m → job:sold:rate5m",
  ]);
});
