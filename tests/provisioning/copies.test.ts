/** What carries our mark, and is not ours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { provision, toDo } from "./provisioned.ts";

test("a person's copy of ours is never deleted, and it is said why", async (t) => {
  const grafana = await startFakeGrafana(t, {
    denied: ["GET /api/dashboards/uid/hidden/versions"],
  });
  await provision(grafana);
  const { dashboards, rules } = grafana.content;
  const board = dashboards.get("miniserve-overview");
  assert.ok(board);
  for (const uid of ["copy", "hidden"]) {
    dashboards.set(uid, { ...board, dashboard: { ...board.dashboard, uid }, messages: [""] });
  }
  rules.set("copy", { ...[...rules.values()][0], uid: "copy", provenance: "" });
  const left = ["leave alert rule copy", "leave dashboard copy", "leave dashboard hidden"];
  for (const prune of [false, true]) {
    const { plan } = await provision(grafana, { prune });
    assert.deepEqual(toDo(plan), left);
    for (const { change } of plan.steps.filter(({ change }) => change.action === "leave")) {
      assert.match("reason" in change ? change.reason : "", /not saved last from here/);
    }
  }
  assert.ok(dashboards.has("copy") && dashboards.has("hidden") && rules.has("copy"));
});
