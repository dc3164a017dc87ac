import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import {
  type Contract,
  collectorMetrics,
  createSavedQueries,
  listStoredMetrics,
  type SavedQuery,
  tempoMetrics,
} from "#contract";
import { miniserve } from "#miniserve";
import { toServices } from "../tests/support/services.ts";
import { checkout, plainCheckout } from "../tests/support/traces/checkout.ts";
import { generatedFiles } from "./index.ts";
import type { AlertingFile } from "./model/alerting.ts";
import type { DashboardProviderFile, DatasourceFile, TempoDatasource } from "./model/datasource.ts";

const contracts = { miniserve, checkout, plainCheckout };

function readContent(contract: Contract, path: string): string {
  const file = generatedFiles(toServices(contract)).find((candidate) =>
    candidate.path.endsWith(path),
  );
  assert.ok(file, path);
  return file.content;
}

interface Exported {
  readonly queries: readonly (SavedQuery & {
    readonly links: { readonly table: string; readonly count: string | null };
  })[];
}

/** The queries of the pane that a link opens. */
function queriesOfLink(link: string): { query: string; refId: string; datasource: object }[] {
  const url = new URL(link, "http://grafana.example");
  assert.equal(url.pathname, "/explore");
  assert.equal(url.searchParams.get("schemaVersion"), "1");
  const [pane, ...others] = Object.entries<{ queries: never; range: { from: unknown } }>(
    JSON.parse(url.searchParams.get("panes") ?? ""),
  );
  assert.deepEqual(others, []);
  assert.equal(pane?.[0].length, 3);
  assert.equal(typeof pane?.[1].range.from, "string");
  return pane?.[1].queries ?? [];
}

for (const [name, contract] of Object.entries<Contract>(contracts)) {
  test(`${name}: every saved query is in JSON and in YAML, and unchanged in its links`, () => {
    const json: Exported = JSON.parse(readContent(contract, "saved-queries.json"));
    const yaml: Exported = parse(readContent(contract, "saved-queries.yaml"));
    assert.deepEqual(yaml.queries, json.queries);
    const queries = json.queries.map(({ links: _, ...query }) => query);
    assert.deepEqual(queries, JSON.parse(JSON.stringify(createSavedQueries(contract))));
    for (const { table, count, links } of json.queries) {
      const datasource = { type: "tempo", uid: "tempo" };
      for (const [link, text] of [
        [links.table, table],
        [links.count, count],
      ]) {
        const opened = link === null || link === undefined ? [] : queriesOfLink(link);
        assert.deepEqual(
          opened.map(({ query }) => query),
          text === null ? [] : [text],
        );
        assert.ok(opened.every((query) => query.refId === "A"));
        assert.ok(
          opened.every((query) => JSON.stringify(query.datasource) === JSON.stringify(datasource)),
        );
      }
    }
  });

  test(`${name}: the page has every saved query, with its links`, () => {
    const page = readContent(contract, "saved-queries.md");
    const links = [...page.matchAll(/\(http:\/\/localhost:3000(\/explore[^\s]*)\):$/gm)];
    const texts = links.flatMap(([, link = ""]) => queriesOfLink(link).map(({ query }) => query));
    const queries = createSavedQueries(contract);
    assert.deepEqual(
      texts,
      queries.flatMap(({ table, count }) => (count === null ? [table] : [table, count])),
    );
    for (const { id, question, action, table } of queries) {
      assert.ok(page.includes(`](#${id})`) && page.includes(`\n## ${id}\n`), id);
      assert.ok(
        [question, action, `\n${table}\n`].every((text) => page.includes(text)),
        id,
      );
    }
  });

  test(`${name}: an alert counts what its saved query finds`, () => {
    const { groups }: AlertingFile = parse(
      readContent(contract, `alerting/${toServices(contract)[0].id}.yaml`),
    );
    const rules = groups.flatMap((group) => group.rules).filter(({ labels }) => labels.saved_query);
    const alerting = createSavedQueries(contract).filter(({ alert }) => alert !== null);
    assert.deepEqual(
      rules.map(({ labels }) => labels.saved_query),
      alerting.map(({ id }) => id),
    );
    for (const [index, { uid, condition, data, annotations }] of rules.entries()) {
      assert.match(uid, /^[\w-]{1,40}$/);
      const models = data.map(({ model }) => model);
      const query = models.find((model) => "query" in model);
      assert.equal(query?.query, alerting[index]?.count);
      assert.ok(data.some(({ refId }) => refId === condition));
      for (const { refId, model } of data) {
        assert.equal(model.refId, refId);
        assert.ok(!("expression" in model) || data.some((step) => step.refId === model.expression));
      }
      const [opened] = queriesOfLink(annotations.explore ?? "");
      assert.equal(opened?.query, alerting[index]?.table);
    }
  });

  test(`${name}: an alert on a metric asks Prometheus for it, and compares as its metric says`, () => {
    const { groups }: AlertingFile = parse(
      readContent(contract, `alerting/${toServices(contract)[0].id}.yaml`),
    );
    const all = groups.flatMap((group) => group.rules);
    assert.equal(new Set(all.map(({ uid }) => uid)).size, all.length);
    const metrics = [...listStoredMetrics(contract), ...collectorMetrics, ...tempoMetrics];
    const alerting = metrics.filter(({ alert }) => alert !== undefined);
    const rules = all.filter(({ labels }) => labels.metric !== undefined);
    assert.deepEqual(
      rules.map(({ labels }) => labels.metric),
      alerting.map(({ name: metric }) => metric),
    );
    for (const [index, { uid, condition, data }] of rules.entries()) {
      assert.match(uid, /^[\w-]{1,40}$/);
      assert.equal(condition, "C");
      const [asked, , compared] = data.map(({ model }) => model);
      assert.ok(asked && "expr" in asked && asked.expr.includes(alerting[index]?.name ?? "-"));
      assert.equal(data[0]?.datasourceUid, "prometheus");
      const alert = alerting[index]?.alert;
      assert.ok(compared && "conditions" in compared && alert);
      assert.deepEqual(
        compared.conditions[0].evaluator,
        "above" in alert
          ? { type: "gt", params: [alert.above] }
          : { type: "lt", params: [alert.below] },
      );
    }
  });

  test(`${name}: a dollar in the datasources is Grafana's, or one of the three addresses`, () => {
    const text = readContent(contract, "datasources.yaml");
    const variables = [...text.matchAll(/(?<!\$)\$(?!\$)(\w+)/g)].map(([, variable]) => variable);
    assert.deepEqual(variables, ["TEMPO_URL", "LOKI_URL", "PROMETHEUS_URL"]);
    const { datasources }: DatasourceFile = parse(text);
    const uids: string[] = datasources.map(({ uid }) => uid);
    const named = [...text.matchAll(/datasourceUid: (\S+)/g)].map(([, uid = ""]) => uid);
    assert.ok(named.length > 0 && named.every((uid) => uids.includes(uid)));
    const tempo = datasources.find(({ type }) => type === "tempo") as TempoDatasource;
    const keys = Object.values(contract.attributes).map(({ key }) => key);
    const tags = tempo.jsonData.search.filters.slice(3).map(({ tag }) => tag);
    assert.ok(tags.length > 0 && tags.every((tag) => keys.includes(tag)));
  });
}

test("dashboards and rules have folders of different titles: Grafana makes each in a way of its own", () => {
  const { groups }: AlertingFile = parse(
    readContent(miniserve, `alerting/${toServices(miniserve)[0].id}.yaml`),
  );
  const { providers }: DashboardProviderFile = parse(readContent(miniserve, "dashboards.yaml"));
  assert.deepEqual(
    providers.map(({ folder, folderUid }) => [folder, folderUid]),
    [["miniserve", "miniserve"]],
  );
  assert.deepEqual([...new Set(groups.map(({ folder }) => folder))], ["miniserve alerts"]);
});

test("each file says where it comes from, and that it is not to be edited", () => {
  for (const { path, content } of generatedFiles(toServices(miniserve))) {
    const [first = "", second = ""] = content.split("\n");
    assert.match(first === "{" ? second : first, /by npm run generate\. Do not edit\./, path);
  }
});

test("a service whose name is no uid has one in paths and uids, and its own name in titles", () => {
  const { resource } = checkout;
  const named = (service: string) =>
    toServices({
      ...checkout,
      resource: { ...resource, defaults: { ...resource.defaults, service } },
    });
  const services = named("A service with spaces");
  const provider = generatedFiles(services).find(({ path }) => path.endsWith("dashboards.yaml"));
  const { providers }: DashboardProviderFile = parse(provider?.content ?? "");
  assert.deepEqual(
    providers.map(({ folder, folderUid, options }) => [folder, folderUid, options.path]),
    [["A service with spaces", "a-service-with-9081", "$DASHBOARDS_PATH/a-service-with-9081"]],
  );
  const ids = ["payment-gateway-service-north", "payment-gateway-service-south"].map(
    (name) => named(name)[0].id,
  );
  assert.equal(new Set(ids).size, 2);
  for (const id of ids) {
    assert.match(id, /^payment-gateway-\d{1,4}$/);
  }
});
