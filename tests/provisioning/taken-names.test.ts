/** Grafana has something of our name under another uid. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { planFor, provision, toDo } from "./provisioned.ts";

const name = "Tempo (miniserve)";

function reasonsIn(plan: Awaited<ReturnType<typeof planFor>>): string {
  return plan.steps.map(({ change }) => ("reason" in change ? change.reason : "")).join("\n");
}

test("a datasource of our name is in the plan, with how to go on, which works", async (t) => {
  const grafana = await startFakeGrafana(t);
  const theirs = { uid: "P214B5B846CF3925F", type: "tempo", name, url: "http://theirs:3200" };
  grafana.content.datasources.set(theirs.uid, theirs);
  const plan = await planFor(grafana);
  assert.ok(toDo(plan).includes("refuse datasource tempo"));
  assert.match(reasonsIn(plan), /under the uid P214B5B846CF3925F, .*--tempo-uid P214B5B846CF3925F/);
  assert.deepEqual(grafana.changes(), []);
  const choices = { tempo: { uid: theirs.uid } };
  const { outcome } = await provision(grafana, { choices });
  assert.equal(outcome.failure, undefined);
  assert.deepEqual(grafana.content.datasources.get(theirs.uid), theirs);
  const made = JSON.stringify([...grafana.content.dashboards.values()]);
  assert.match(made, /P214B5B846CF3925F/);
  assert.doesNotMatch(made, /"type":"tempo","uid":"tempo"/);
  assert.deepEqual(toDo(await planFor(grafana, { choices })), []);
});

test("one that was made from here under another uid can be used, and is not pruned then", async (t) => {
  const grafana = await startFakeGrafana(t);
  const ours = { uid: "old", type: "tempo", name, jsonData: { provisioned_by: "miniserve" } };
  grafana.content.datasources.set("old", ours);
  assert.match(reasonsIn(await planFor(grafana)), /it was made from here\. .*--tempo-uid old/);
  const choices = { tempo: { uid: "old" } };
  const { outcome } = await provision(grafana, { choices, prune: true });
  assert.equal(outcome.failure, undefined);
  assert.ok(grafana.content.datasources.has("old"));
});

test("of a datasource of another type, and of one that took the name since, it is said so", async (t) => {
  const grafana = await startFakeGrafana(t);
  await provision(grafana);
  const { datasources } = grafana.content;
  const own = datasources.get("tempo");
  datasources.set("tempo", { ...own, name: "Renamed" });
  datasources.set("x", { uid: "x", type: "jaeger", name: name.toUpperCase() });
  const plan = await planFor(grafana);
  assert.deepEqual(toDo(plan), ["refuse datasource tempo"]);
  assert.match(reasonsIn(plan), /of the type jaeger, not tempo: rename or delete it/);
});

test("a rule of our title, and a group of our name from a file, are in the plan", async (t) => {
  const clean = await startFakeGrafana(t);
  await provision(clean);
  const [rule] = [...clean.content.rules.values()];
  const grafana = await startFakeGrafana(t);
  grafana.content.folders.set("miniserve", { uid: "miniserve", title: "miniserve" });
  grafana.content.rules.set("theirs", { ...rule, uid: "theirs", annotations: {} });
  const plan = await planFor(grafana);
  assert.ok(toDo(plan).includes(`refuse alert rule ${rule?.uid}`));
  assert.match(reasonsIn(plan), /a rule of that title under the uid theirs/);
  grafana.content.rules.set("theirs", {
    ...{ ...rule, uid: "theirs", annotations: {}, title: "Theirs" },
    provenance: "file",
  });
  assert.match(reasonsIn(await planFor(grafana)), /that Grafana reads from a file/);
});

test("what the account is not shown is said when it is in the way, and not: run it again", async (t) => {
  const hidden = [
    { request: "POST /api/datasources", kind: 409, hint: /--tempo-uid UID/ },
    { request: "POST /api/folders", kind: 409, hint: /name another --folder/ },
    { request: "POST /api/folders", kind: 412, hint: /name another --folder/ },
    { request: "POST /api/dashboards/db", kind: 412, hint: /Rename that one/ },
    { request: "POST /api/v1/provisioning/alert-rules", kind: 409, hint: /Rename that one/ },
  ];
  for (const { request, kind, hint } of hidden) {
    const grafana = await startFakeGrafana(t);
    grafana.faults.push({ request, kind, body: { message: "the same name already exists" } });
    const { outcome } = await provision(grafana);
    assert.equal(outcome.failure?.error.code, "grafana_conflict");
    assert.match(outcome.failure?.error.hint ?? "", hint);
    assert.doesNotMatch(outcome.failure?.error.hint ?? "", /[Rr]un it again/);
  }
});
