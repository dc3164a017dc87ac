/** `npm run provision` as a person calls it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { credentials, startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { files } from "./provisioned.ts";

const checkout = resolve(import.meta.dirname, "../..");

async function run(options: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["scripts/provision.ts", ...options], {
    cwd: checkout,
    env: { ...process.env, GRAFANA_TOKEN: "", ...environment },
  });
  const ended = new Promise<number | null>((settle) => child.once("close", settle));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await ended, stdout, stderr };
}

const asPerson = { MY_GRAFANA: credentials.person };

test("the plan, the deed and the second time", async (t) => {
  const grafana = await startFakeGrafana(t);
  const options = ["--grafana", grafana.url, "--token-env", "MY_GRAFANA"];
  const planned = await run([...options, "--dry-run"], asPerson);
  assert.equal(planned.exitCode, 0, planned.stderr);
  assert.match(planned.stdout, /Grafana 13\.1\.0, Open Source/);
  assert.match(planned.stdout, /\+ dashboard {3}miniserve-overview/);
  assert.match(planned.stdout, /To do: \d+ to create\. Nothing was changed\./);
  assert.deepEqual(grafana.changes(), []);
  const done = await run([...options, "--json"], asPerson);
  assert.equal(done.exitCode, 0, done.stderr);
  const report = JSON.parse(done.stdout);
  assert.equal(report.result, "applied");
  assert.ok(report.changes.every((change: { done: boolean }) => change.done));
  const again = await run(options, asPerson);
  assert.equal(again.exitCode, 0);
  assert.match(again.stdout, /There is nothing to do\./);
});

test("a token that Grafana repeats is not printed", async (t) => {
  const grafana = await startFakeGrafana(t);
  const body = { message: `no good: ${credentials.token}` };
  grafana.faults.push({ request: "POST /api/folders", kind: 400, body });
  const { exitCode, stdout, stderr } = await run(["--grafana", grafana.url, "--json"], {
    GRAFANA_TOKEN: credentials.token,
  });
  assert.equal(exitCode, 1);
  assert.equal(JSON.parse(stdout).result, "broken off");
  assert.match(stderr, /no good: …\. \[grafana_/);
  assert.ok(!`${stdout}${stderr}`.includes(credentials.token));
});

test("what is somebody else's ends with 1, and what cannot be tried with 2", async (t) => {
  const grafana = await startFakeGrafana(t);
  const theirs = { uid: "tempo", type: "jaeger", name: "Tempo", jsonData: {} };
  grafana.content.datasources.set("tempo", theirs);
  const options = ["--grafana", grafana.url, "--token-env", "MY_GRAFANA"];
  const refused = await run(options, asPerson);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stdout, /✗ datasource +tempo[\s\S]*Nothing was changed/);
  assert.deepEqual(grafana.changes(), []);
  const unset = await run(options);
  assert.equal(unset.exitCode, 2);
  assert.match(unset.stderr, /MY_GRAFANA is not set/);
  const wrong = await run([...options, "--json"], { MY_GRAFANA: "glsa_wrong" });
  assert.equal(wrong.exitCode, 2);
  assert.equal(JSON.parse(wrong.stdout).error.code, "grafana_unauthorized");
});

test("ConfigMaps hold the generated files, with the sidecars' labels", async () => {
  const { exitCode, stdout } = await run([
    ...["--export", "configmap", "--folder", "Models"],
    ...["--tempo-url", "http://tempo.tracing:3200", "--loki-uid", "their-lines"],
  ]);
  assert.equal(exitCode, 0);
  const maps = parseAllDocuments(stdout).map((document) => document.toJS());
  const labels = ["grafana_datasource", "grafana_dashboard", "grafana_alert"];
  for (const { kind, metadata, data } of maps) {
    assert.equal(kind, "ConfigMap");
    assert.match(metadata.name, /^miniserve-[a-z-]+$/);
    assert.equal(labels.filter((label) => metadata.labels[label] === "1").length, 1);
    assert.equal(Object.keys(data).length, 1);
  }
  const byLabel = (label: string) => maps.filter(({ metadata }) => label in metadata.labels);
  const dashboards = files.filter(({ path }) => path.startsWith("dashboards/generated/"));
  assert.equal(byLabel("grafana_dashboard").length, dashboards.length);
  for (const { metadata, data } of byLabel("grafana_dashboard")) {
    assert.equal(metadata.annotations.grafana_folder, "Models");
    const [content = ""] = Object.values<string>(data);
    assert.doesNotMatch(content, /"uid": "loki"/);
    assert.ok(JSON.parse(content).uid.startsWith("miniserve-"));
  }
  const [sources = ""] = byLabel("grafana_datasource").flatMap(({ data }) =>
    Object.values<string>(data),
  );
  assert.match(sources, /url: http:\/\/tempo\.tracing:3200/);
  assert.match(sources, /url: \$PROMETHEUS_URL/);
  assert.doesNotMatch(sources, /type: loki/);
  assert.doesNotMatch(sources, /prune|isDefault: true/, "what a Grafana has already is kept");
  const [alerts = ""] = byLabel("grafana_alert").flatMap(({ data }) => Object.values<string>(data));
  assert.match(alerts, /folder: Models alerts$/m);
  assert.doesNotMatch(alerts, /folder: miniserve/);
  assert.match(sources, /\$\$\{__span\.traceId\}/, "a sidecar's file is read as any other");
});

test("in ConfigMaps the links of datasources lead to the Tempo that is there", async () => {
  const { stdout } = await run(["--export", "configmap", "--tempo-uid", "their-spans"]);
  const [sources] = parseAllDocuments(stdout).map((document) => document.toJS());
  const [content = ""] = Object.values<string>(sources.data);
  assert.equal(content.match(/datasourceUid: their-spans/g)?.length, 2);
  assert.doesNotMatch(content, /datasourceUid: tempo/);
});
