/** Into which folder everything goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { planFor, provision, toDo } from "./provisioned.ts";

test("a folder of one's own is found by its title, or made, and never renamed", async (t) => {
  const grafana = await startFakeGrafana(t);
  grafana.content.folders.set("abc", { uid: "abc", title: "Their folder" });
  await provision(grafana, { folder: "Their folder" });
  assert.deepEqual([...grafana.content.folders.keys()], ["abc"]);
  await provision(grafana, { folder: "Another one" });
  const [, uid = ""] = grafana.content.folders.keys();
  assert.match(uid, /^miniserve-another-one-[0-9a-f]{8}$/);
  for (const { folderUid } of grafana.content.dashboards.values()) {
    assert.equal(folderUid, uid);
  }
  assert.deepEqual(toDo(await planFor(grafana, { folder: "Another one" })), []);
});

test("an Editor, to whom a missing folder is a forbidden one, makes it", async (t) => {
  const grafana = await startFakeGrafana(t, { isAdmin: false });
  const { plan, outcome } = await provision(grafana);
  assert.equal(outcome.failure, undefined);
  assert.ok(toDo(plan).includes("create folder miniserve"));
  assert.deepEqual([...grafana.content.folders.keys()], ["miniserve"]);
  assert.deepEqual(toDo(await planFor(grafana)), []);
});

test("a folder that is there and may not be read is told from a missing one", async (t) => {
  const grafana = await startFakeGrafana(t, { denied: ["GET /api/folders/"] });
  grafana.content.folders.set("miniserve", { uid: "miniserve", title: "Hidden" });
  const { outcome } = await provision(grafana);
  assert.equal(outcome.failure?.error.code, "grafana_forbidden");
  assert.match(outcome.failure?.error.hint ?? "", /folders:read/);
});

test("folders of different titles have different uids, and the plain title is looked up too", async (t) => {
  const grafana = await startFakeGrafana(t);
  const long = "A title that is longer than any uid may be, ";
  const uids = new Set(["miniserve"]);
  for (const folder of ["模型", "Модели", `${long}one`, `${long}two`]) {
    const [step] = (await planFor(grafana, { folder })).steps;
    assert.match(step?.change.id ?? "", /^[\w-]{1,40}$/);
    uids.add(step?.change.id ?? "");
  }
  assert.equal(uids.size, 5);
  grafana.content.folders.set("abc", { uid: "abc", title: "miniserve" });
  const [step] = (await planFor(grafana)).steps;
  assert.deepEqual([step?.change.action, step?.change.id], ["keep", "abc"]);
});
