/** The provisioner against a real Grafana: one that GRAFANA_URL names, and nobody needs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planFor, provision, toDo } from "./provisioned.ts";

const { GRAFANA_URL = "", GRAFANA_TOKEN = "admin:admin" } = process.env;

test("a real Grafana takes everything, and then there is nothing to do", {
  skip:
    GRAFANA_URL === "" &&
    "set GRAFANA_URL to a Grafana 13 that may be written to, and GRAFANA_TOKEN to user:password",
  timeout: 240_000,
}, async () => {
  const grafana = { url: GRAFANA_URL };
  const first = await provision(grafana, { credential: GRAFANA_TOKEN, prune: true });
  assert.equal(first.outcome.failure, undefined, first.outcome.failure?.error.message);
  const again = await planFor(grafana, { credential: GRAFANA_TOKEN, prune: true });
  assert.deepEqual(toDo(again), []);
  for (const { change } of again.steps) {
    assert.equal(change.action, "keep", change.id);
  }
});
