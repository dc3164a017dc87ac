import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { LineIndex } from "../../scripts/audit/documents/line-index.ts";
import { readDocuments } from "../../scripts/audit/documents/text-document.ts";
import { auditText, classicBoard, summarize, target } from "./shop.ts";

const query = "{ span.shop.item.count > 1 }";
const asked = { title: "sold", query };
const dead = "sold: dead, attribute span.shop.item.count → span.shop.items.count";
const classic = classicBoard([asked]);
const [panel] = classic.panels;

function elementV2(dataQuery: object) {
  const data = {
    kind: "QueryGroup",
    spec: { queries: [{ kind: "PanelQuery", spec: { refId: "A", hidden: false, ...dataQuery } }] },
  };
  const vizConfig = { kind: "VizConfig", group: "timeseries", spec: {} };
  return { kind: "Panel", spec: { id: 1, title: "sold", data, vizConfig } };
}

function resource(version: string, spec: object) {
  const apiVersion = `dashboard.grafana.app/${version}`;
  return { apiVersion, kind: "Dashboard", metadata: { name: "shop" }, spec };
}

const libraryUse = {
  type: "library-panel-ref",
  title: "sold",
  libraryPanel: { uid: "lib", name: "x" },
};

/** The same panel in each form in which there are dashboards. */
const forms: Readonly<Record<string, unknown>> = {
  classic,
  "an answer of the API": { meta: { slug: "shop" }, dashboard: classic },
  "with rows": { title: "Shop", rows: [{ title: "r", panels: classic.panels }] },
  "in a folded row": {
    title: "Shop",
    panels: [{ type: "row", title: "r", collapsed: true, panels: classic.panels }],
  },
  "an export": {
    ...classicBoard([]),
    __inputs: [{ name: "DS_X", type: "datasource", pluginId: "tempo" }],
    panels: [
      { ...panel, datasource: "${DS_X}", targets: [{ refId: "A", queryType: "traceql", query }] },
    ],
  },
  "an export with library panels": {
    ...classicBoard([]),
    __elements: { lib: { uid: "lib", name: "x", kind: 1, model: panel } },
    panels: [libraryUse],
  },
  "a mixed datasource": {
    ...classicBoard([]),
    panels: [{ ...panel, datasource: { type: "datasource", uid: "-- Mixed --" } }],
  },
  "a resource of version 1": resource("v1beta1", classic),
  "a resource of version 2": resource("v2", {
    title: "Shop",
    elements: {
      "panel-1": elementV2({
        query: {
          kind: "DataQuery",
          group: "tempo",
          version: "v0",
          datasource: { name: "tempo" },
          spec: { queryType: "traceql", query },
        },
      }),
    },
    layout: { kind: "GridLayout", spec: { items: [] } },
  }),
  "a resource of version 2alpha1": resource("v2alpha1", {
    title: "Shop",
    elements: {
      "panel-1": elementV2({
        datasource: { type: "tempo", uid: "tempo" },
        query: { kind: "tempo", spec: { queryType: "traceql", query } },
      }),
    },
  }),
  "a library panel of the API": { result: { uid: "lib", name: "x", kind: 1, model: panel } },
  "a ConfigMap": {
    apiVersion: "v1",
    kind: "ConfigMap",
    data: { "shop.json": JSON.stringify(classic) },
  },
  "a resource of Grafana's operator": {
    kind: "GrafanaDashboard",
    spec: { json: JSON.stringify(classic) },
  },
  "rules of Grafana": {
    apiVersion: 1,
    groups: [
      {
        name: "g",
        rules: [
          {
            uid: "u",
            title: "sold",
            data: [
              { refId: "A", datasourceUid: "tempo", model: target(asked) },
              { refId: "B", datasourceUid: "__expr__", model: { type: "reduce", expression: "A" } },
            ],
          },
        ],
      },
    ],
  },
  "rules of Grafana's API": [
    {
      uid: "u",
      title: "sold",
      data: [{ refId: "A", datasourceUid: "tempo", model: target(asked) }],
    },
  ],
};

for (const [form, document] of Object.entries(forms)) {
  test(`finds the dead panel in ${form}, in JSON and YAML`, async () => {
    for (const text of [JSON.stringify(document, null, 2), stringify(document)]) {
      const audited = await auditText(text);
      assert.ok(audited.map(summarize).includes(dead), JSON.stringify(audited.map(summarize)));
    }
  });
}

test("finds a dead annotation in version 1 and 2", async () => {
  const list = [
    {
      name: "sold",
      datasource: { type: "tempo", uid: "t" },
      target: { queryType: "traceql", query },
    },
  ];
  const spec = {
    name: "sold",
    query: { kind: "DataQuery", group: "tempo", spec: { queryType: "traceql", query } },
  };
  const annotations = [{ kind: "AnnotationQuery", spec }];
  for (const document of [
    { title: "x", panels: [], annotations: { list } },
    resource("v2", { title: "x", elements: {}, annotations }),
  ]) {
    assert.deepEqual((await auditText(JSON.stringify(document))).map(summarize), [dead]);
  }
});

const ruleQuery = 'shop_solds_total{job="a"} > 1';
const ruleForms = {
  "a rule file of Prometheus": {
    groups: [{ name: "g", rules: [{ alert: "sold", expr: ruleQuery }] }],
  },
  "a PrometheusRule": {
    kind: "PrometheusRule",
    spec: { groups: [{ name: "g", rules: [{ alert: "sold", expr: ruleQuery }] }] },
  },
};

for (const [form, document] of Object.entries(ruleForms)) {
  test(`finds the dead rule in ${form}`, async () => {
    for (const text of [JSON.stringify(document), stringify(document)]) {
      const audited = await auditText(text);
      assert.deepEqual(audited.map(summarize), [
        "sold: dead, metric shop_solds_total → shop_sold_total",
      ]);
    }
  });
}

test("a library panel that is not in the file is unreadable, and one of a Grafana is found", async () => {
  const text = JSON.stringify({ title: "x", panels: [libraryUse] });
  const [alone] = await auditText(text);
  assert.equal(alone?.state, "unreadable");
  assert.match(alone?.why ?? "", /the library panel lib is not in the file; --grafana finds it/);
  const libraryPanels = new Map([["lib", panel]]);
  const surroundings = { datasourceTypes: new Map(), libraryPanels };
  assert.deepEqual((await auditText(text, { surroundings })).map(summarize), [dead]);
});

test("a panel knows where its query stands", async () => {
  const compact =
    '{"title":"x","a":{"b":[1,{"c":"\\"}"}]},\n"panels":[{"type":"x","title":"sold",\n  "targets":[\n   {"datasource":"tempo","queryType":"traceql","query":"{ span.shop.gone = 1 }"}]}]}';
  const texts = [
    JSON.stringify(classic, null, 2),
    JSON.stringify(classic, null, "\t"),
    compact,
    stringify(classic),
  ];
  for (const text of texts) {
    const [audited] = await auditText(text);
    const path = audited?.queries[0]?.query.path ?? [];
    const place = audited?.board.document.findPlace(path);
    assert.ok(place, text);
    assert.match(text.slice(place.start, place.end), /^["']?\{ span\.shop\.[a-z.]+ .*\}["']?$/);
  }
  assert.deepEqual(new LineIndex(compact).find(compact.indexOf("{ span")), { line: 4, column: 57 });
});

test("what is neither JSON nor YAML says where", () => {
  assert.throws(() => readDocuments('{"a": }'), /not JSON: Unexpected token/);
  assert.throws(() => readDocuments("a: [1"), /not YAML: .*line 1/);
});
