/** The provisioner against a double of Grafana's API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSavedQueries } from "#contract";
import { miniserve } from "#miniserve";
import { credentials, startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { differingPaths, files, planFor, provision, storedIn, toDo } from "./provisioned.ts";

const dashboardCount = files.filter(({ path }) => path.startsWith("dashboards/generated/")).length;
const queries = createSavedQueries(miniserve);

test("a first run makes everything, and a second has nothing to do", async (t) => {
  const grafana = await startFakeGrafana(t);
  const { outcome } = await provision(grafana);
  assert.equal(outcome.failure, undefined);
  const { folders, datasources, dashboards, rules, history } = grafana.content;
  assert.deepEqual([...folders.keys()], ["miniserve"]);
  assert.deepEqual([...datasources.keys()], ["tempo", "loki", "prometheus"]);
  assert.equal(dashboards.size, dashboardCount);
  assert.ok(rules.size >= queries.filter(({ alert }) => alert !== null).length);
  assert.equal(history.size, queries.length);
  assert.ok([...history.values()].every(({ starred }) => starred === true));
  for (const { id, question } of queries) {
    const comments = [...history.values()].map(({ comment }) => String(comment));
    assert.ok(comments.some((text) => text.includes(id) && text.includes(question)));
  }
  const changes = grafana.changes().length;
  const again = await provision(grafana);
  assert.deepEqual(toDo(again.plan), []);
  assert.equal(grafana.changes().length, changes);
});

test("a plan changes nothing", async (t) => {
  const grafana = await startFakeGrafana(t);
  const plan = await planFor(grafana);
  assert.equal(
    toDo(plan).length,
    1 + 3 + dashboardCount + plan.steps.filter(isRule).length + queries.length,
  );
  assert.deepEqual(grafana.changes(), []);
});

/** Changes what is stored under a key. */
function edit<Value>(map: Map<string, Value>, key: string, change: (value: Value) => Value): void {
  const value = map.get(key);
  assert.ok(value !== undefined, key);
  map.set(key, change(value));
}

const isRule = ({ change }: { readonly change: { readonly kind: string } }) =>
  change.kind === "alert rule";

test("what Grafana's files call a dollar is one, and nobody's default is taken away", async (t) => {
  const grafana = await startFakeGrafana(t);
  await provision(grafana);
  const tempo = JSON.stringify(grafana.content.datasources.get("tempo"));
  assert.ok(!tempo.includes("$$"));
  assert.match(tempo, /trace_id=\\"\$\{__span\.traceId\}\\"/);
  for (const datasource of grafana.content.datasources.values()) {
    assert.equal(datasource.isDefault, false);
  }
});

test("what a person changed is shown and put back, and what a person added stays", async (t) => {
  const grafana = await startFakeGrafana(t);
  await provision(grafana);
  const { datasources, dashboards, rules, history } = grafana.content;
  const clean = storedIn(grafana);
  const tempo = datasources.get("tempo") ?? {};
  datasources.set("tempo", { ...tempo, url: "http://elsewhere", basicAuth: true });
  const [uid = ""] = dashboards.keys();
  edit(dashboards, uid, ({ dashboard, messages, ...stored }) => {
    const [panel, ...panels] = dashboard.panels as object[];
    const edited = { ...dashboard, version: 2, panels: [{ ...panel, title: "Mine" }, ...panels] };
    return { ...stored, dashboard: edited, messages: ["", ...messages] };
  });
  const [ruleUid = ""] = rules.keys();
  edit(rules, ruleUid, (rule) => ({ ...rule, title: "Mine", isPaused: true }));
  const [entryUid = ""] = history.keys();
  edit(history, entryUid, (entry) => ({ ...entry, starred: false }));
  const { plan, outcome } = await provision(grafana);
  assert.equal(outcome.failure, undefined);
  assert.equal(toDo(plan).length, 4);
  const paths = differingPaths(plan);
  assert.deepEqual([paths[0], paths[2], paths[3]], ["url", "title", "starred"]);
  assert.match(paths[1] ?? "", /^panels\["[^"]+"\]\.title$/);
  assert.deepEqual(toDo(await planFor(grafana)), []);
  assert.equal(datasources.get("tempo")?.basicAuth, true, "the credentials of a person are gone");
  assert.equal(rules.get(ruleUid)?.isPaused, true, "the pause of a person is gone");
  assert.deepEqual(storedIn(grafana).history, clean.history);
});

test("what was taken out of a dashboard since is noticed", async (t) => {
  const grafana = await startFakeGrafana(t);
  const more = files.map((file) =>
    file.path.endsWith("/overview.json")
      ? { ...file, content: JSON.stringify({ ...JSON.parse(file.content), weekStart: "monday" }) }
      : file,
  );
  await provision(grafana, { files: more });
  const plan = await planFor(grafana);
  assert.deepEqual(toDo(plan), ["update dashboard miniserve-overview"]);
  assert.deepEqual(differingPaths(plan), ["what is gone since"]);
  await provision(grafana);
  assert.deepEqual(toDo(await planFor(grafana)), []);
});

test("what somebody else made is refused, of every kind", async (t) => {
  const grafana = await startFakeGrafana(t);
  await provision(grafana);
  const { datasources, dashboards, rules } = grafana.content;
  datasources.set("tempo", { ...datasources.get("tempo"), jsonData: {} });
  datasources.set("loki", { ...datasources.get("loki"), readOnly: true });
  const [first = "", second = ""] = dashboards.keys();
  edit(dashboards, first, (stored) => ({
    ...stored,
    dashboard: { ...stored.dashboard, tags: [] },
  }));
  edit(dashboards, second, (stored) => ({ ...stored, provisioned: true }));
  const [ruleOne = "", ruleTwo = ""] = rules.keys();
  edit(rules, ruleOne, (rule) => ({ ...rule, annotations: {} }));
  edit(rules, ruleTwo, (rule) => ({ ...rule, provenance: "file" }));
  const before = grafana.changes().length;
  const plan = await planFor(grafana);
  assert.deepEqual(toDo(plan), [
    "refuse datasource tempo",
    "refuse datasource loki",
    `refuse dashboard ${first}`,
    `refuse dashboard ${second}`,
    `refuse alert rule ${ruleOne}`,
    `refuse alert rule ${ruleTwo}`,
  ]);
  assert.equal(grafana.changes().length, before);
});

test("what is wanted no longer is left, and deleted when that is asked for", async (t) => {
  const grafana = await startFakeGrafana(t);
  await provision(grafana);
  const { dashboards, rules, history } = grafana.content;
  const copy = (uid: string, of: object | undefined) => ({ ...of, uid, title: "Old" });
  const board = dashboards.get("miniserve-overview");
  assert.ok(board);
  dashboards.set("ours", { ...board, dashboard: { ...board.dashboard, uid: "ours" } });
  dashboards.set("theirs", {
    ...board,
    dashboard: { ...board.dashboard, uid: "theirs", tags: ["x"] },
  });
  const rule = [...rules.values()][0];
  rules.set("ours", copy("ours", rule));
  rules.set("theirs", { ...copy("theirs", rule), annotations: {} });
  const entry = [...history.values()][0];
  history.set("ours", { ...entry, uid: "ours", comment: "miniserve/gone: A query of old" });
  history.set("theirs", { ...entry, uid: "theirs", comment: "see miniserve/gone: mine" });
  const left = ["saved query gone", "alert rule ours", "dashboard ours"];
  assert.deepEqual(
    toDo(await planFor(grafana)),
    left.map((name) => `leave ${name}`),
  );
  const { plan } = await provision(grafana, { prune: true });
  assert.deepEqual(
    toDo(plan),
    left.map((name) => `delete ${name}`),
  );
  assert.deepEqual(toDo(await planFor(grafana)), []);
  for (const kept of [dashboards, rules, history]) {
    assert.deepEqual([kept.has("ours"), kept.has("theirs")], [false, true]);
  }
});

test("what another service made with the same tool is not ours: neither taken nor pruned", async (t) => {
  const grafana = await startFakeGrafana(t);
  await provision(grafana);
  const { datasources, dashboards, rules, history } = grafana.content;
  for (const map of [datasources, dashboards, rules, history] as Map<string, unknown>[]) {
    for (const [key, value] of [...map]) {
      map.set(key, JSON.parse(JSON.stringify(value).replaceAll("miniserve", "otherserve")));
    }
  }
  const theirs = new Set([
    ...[...datasources.keys()].map((uid) => `refuse datasource ${uid}`),
    ...[...dashboards.keys()].map((uid) => `refuse dashboard ${uid}`),
    ...[...rules.keys()].map((uid) => `refuse alert rule ${uid}`),
  ]);
  const planned = toDo(await planFor(grafana, { prune: true }));
  assert.deepEqual(
    planned.filter((line) => !line.startsWith("create ")),
    [...theirs],
  );
  assert.equal(
    planned.filter((line) => line.startsWith("create saved query")).length,
    queries.length,
  );
});

test("a saved query is there once, also after runs that were cut off", async (t) => {
  const grafana = await startFakeGrafana(t);
  await provision(grafana);
  const { history } = grafana.content;
  const [uid = "", other = "", third = ""] = history.keys();
  const second = history.get(other);
  edit(history, uid, (entry) => ({ ...entry, comment: "", starred: false }));
  edit(history, third, (entry) => ({ ...entry, queries: [{ refId: "A", query: "{ }" }] }));
  history.set("double", { ...second, uid: "double" });
  history.set("mine", { ...second, uid: "mine", comment: "mine", starred: true });
  const { plan } = await provision(grafana);
  assert.equal(toDo(plan).length, 3);
  assert.equal(history.size, queries.length + 1);
  assert.ok(history.has(uid) && history.has("mine") && !history.has(third));
  assert.ok(history.has(other) !== history.has("double"));
  assert.deepEqual(toDo(await planFor(grafana)), []);
});

test("with other datasources nothing refers to those that are not there", async (t) => {
  const grafana = await startFakeGrafana(t);
  const ids = { tempo: "their-spans", loki: "their-lines", prometheus: "their-counts" };
  for (const [type, uid] of Object.entries(ids)) {
    grafana.content.datasources.set(uid, { uid, type, name: uid, jsonData: {} });
  }
  const choices = Object.fromEntries(Object.entries(ids).map(([type, uid]) => [type, { uid }]));
  const { outcome } = await provision(grafana, { choices });
  assert.equal(outcome.failure, undefined);
  assert.equal(grafana.content.datasources.size, 3, "a datasource was made");
  const { dashboards, rules, history } = grafana.content;
  const text = JSON.stringify([[...dashboards], [...rules], [...history]]);
  for (const type of Object.keys(ids)) {
    const ours = new RegExp(
      `"(?:uid|datasourceUid|datasource)":"${type}"|%22(?:uid|datasource)%22%3A%22${type}%22`,
    );
    assert.doesNotMatch(text, ours);
  }
  assert.match(text, /%22uid%22%3A%22their-spans%22/);
  assert.deepEqual(toDo(await planFor(grafana, { choices })), []);
});

test("a datasource that is chosen must be there, and of its type", async (t) => {
  const grafana = await startFakeGrafana(t);
  grafana.content.datasources.set("theirs", { uid: "theirs", type: "tempo", name: "Theirs" });
  await assert.rejects(planFor(grafana, { choices: { tempo: { uid: "none" } } }), {
    code: "grafana_unsuitable",
    hint: /theirs/,
  });
  await assert.rejects(planFor(grafana, { choices: { loki: { uid: "theirs" } } }), {
    code: "grafana_unsuitable",
    message: /of the type tempo, not loki/,
  });
});

test("without Loki and Prometheus what needs them is left out, and said", async (t) => {
  const grafana = await startFakeGrafana(t);
  const { plan } = await provision(grafana, { choices: {} });
  assert.deepEqual([...grafana.content.datasources.keys()], ["tempo"]);
  const tempo = grafana.content.datasources.get("tempo");
  assert.equal(tempo?.url, "http://localhost:3200");
  assert.doesNotMatch(JSON.stringify(tempo), /"datasourceUid"/);
  for (const rule of grafana.content.rules.values()) {
    assert.doesNotMatch(JSON.stringify(rule), /"datasourceUid":"(loki|prometheus)"/);
  }
  assert.equal(plan.notices.filter((notice) => notice.startsWith("There is no ")).length, 2);
  assert.deepEqual(toDo(await planFor(grafana, { choices: {} })), []);
});

test("a datasource that was made once is kept up to date, where it was made to lead", async (t) => {
  const grafana = await startFakeGrafana(t);
  const { datasources } = grafana.content;
  await provision(grafana, { choices: { loki: { url: "http://loki.example:3100" } } });
  for (const uid of ["tempo", "loki"]) {
    edit(datasources, uid, ({ jsonData, ...rest }) => ({
      ...rest,
      jsonData: { provisioned_by: (jsonData as { provisioned_by: string }).provisioned_by },
    }));
  }
  const { plan } = await provision(grafana, { choices: {} });
  assert.deepEqual(toDo(plan), ["update datasource tempo", "update datasource loki"]);
  assert.equal(datasources.get("loki")?.url, "http://loki.example:3100");
  assert.deepEqual(toDo(await planFor(grafana, { choices: {} })), []);
});

test("what this Grafana cannot do is said", async (t) => {
  const without = { plugins: new Set<string>(), hasHistory: false };
  const grafana = await startFakeGrafana(t, without);
  const { notices } = await planFor(grafana);
  for (const word of [/plugins install tempo/, /Enterprise/, /keeps no history/]) {
    assert.ok(
      notices.some((notice) => word.test(notice)),
      String(word),
    );
  }
  assert.ok(
    notices.every((notice) => !/tempoAlerting/.test(notice)),
    "rules on Tempo are evaluated without the toggle",
  );
  const byToken = await planFor(grafana, { credential: credentials.token });
  assert.ok(byToken.notices.some((notice) => /service account/.test(notice)));
  assert.ok(byToken.steps.every(({ change }) => change.kind !== "saved query"));
});
