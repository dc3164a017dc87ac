/** `npm run doctor` with a Grafana. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPlan } from "../../provisioning/index.ts";
import { planFor } from "../provisioning/provisioned.ts";
import { stackUnderTest } from "../stack/stack-under-test.ts";
import { credentials, startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { runDoctor } from "./doctor-report.ts";

test("a Grafana without our dashboards, with them, with a wrong token, and none", async (t) => {
  const stack = await stackUnderTest(t);
  const grafana = await startFakeGrafana(t);
  const named = { GRAFANA_URL: grafana.url, GRAFANA_TOKEN: credentials.person };
  const lacking = await runDoctor(stack, [], named);
  assert.match(
    lacking.find("grafana_lacks").details.join(),
    /dashboard miniserve-overview: missing/,
  );
  assert.ok(
    lacking
      .find("grafana_lacks")
      .action?.startsWith(`npm run provision -- --grafana ${grafana.url}`),
  );
  assert.deepEqual(grafana.changes(), [], "nothing is changed");

  await applyPlan(await planFor(grafana), () => undefined);
  const provisioned = await runDoctor(stack, [], named);
  assert.deepEqual(provisioned.codes("problem"), [], provisioned.printed);
  const changes = grafana.changes().length;
  const fromFile = grafana.content.dashboards.get("miniserve-overview");
  assert.ok(fromFile !== undefined);
  const older = { ...fromFile.dashboard, title: "An older one" };
  grafana.content.dashboards.set("miniserve-overview", {
    ...fromFile,
    provisioned: true,
    dashboard: older,
  });
  const foreign = grafana.content.dashboards.get("miniserve-pipeline");
  assert.ok(foreign !== undefined);
  const untagged = { ...foreign.dashboard, tags: [] };
  grafana.content.dashboards.set("miniserve-pipeline", { ...foreign, dashboard: untagged });
  grafana.content.plugins.delete("tempo");
  const health = { request: "GET /api/health", kind: 200, body: { database: "ok" } };
  const hourAhead = new Date(Date.now() + 3_600_000).toUTCString();
  grafana.faults.push(health, { ...health, headers: { date: hourAhead } });
  const body = { status: "ERROR", message: "dial tcp: connection refused" };
  grafana.faults.push({ request: "GET /api/datasources/uid/tempo/health", kind: 400, body });
  const broken = await runDoctor(stack, ["--grafana", grafana.url], named);
  assert.match(broken.find("datasource_unhealthy").sentence, /tempo.*connection refused/);
  assert.match(
    broken.find("grafana_foreign").details.join(),
    /miniserve-pipeline: .*without the tag/,
  );
  assert.match(broken.find("grafana_plugin_missing").action ?? "", /plugins install tempo/);
  assert.match(broken.find("clock_differs").sentence, /Grafana is (?:1 h|60 min|59 min) ahead of/);
  assert.deepEqual(broken.find("grafana_files_differ").details, [
    "dashboard miniserve-overview: title",
  ]);
  assert.equal(grafana.changes().length, changes, "nothing is changed");

  const wrong = await runDoctor(stack, [], { ...named, GRAFANA_TOKEN: "glsa_wrongwrongwrong" });
  assert.deepEqual(wrong.codes("problem"), ["grafana_unauthorized"], wrong.printed);
  assert.doesNotMatch(wrong.printed, /wrongwrong/);
  const unset = await runDoctor(stack, [], { ...named, GRAFANA_TOKEN: "" });
  assert.match(unset.find("usage_invalid").sentence, /GRAFANA_TOKEN is not set/);
  const nowhere = await runDoctor(stack, [], {
    ...named,
    GRAFANA_URL: `http://127.0.0.1:${stack.ports.LOKI_PORT}`,
  });
  assert.match(nowhere.find("grafana_unreachable").sentence, /ECONNREFUSED/);
});
