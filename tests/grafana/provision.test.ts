/** `npm run provision` against real Grafanas of its own: empty, half made, edited by hand, below a path, by an editor. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { miniserve } from "#miniserve";
import { startEmbeddedStack } from "../../stack/trace-store/index.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import {
  askGrafana,
  type GrafanaUnderTest,
  skipWithoutProgram,
  startGrafana,
} from "./grafana-under-test.ts";
import { expected } from "./seeded.ts";

const checkout = resolve(import.meta.dirname, "../..");
const timeout = 600_000;
const nobody = "http://127.0.0.1:9";

async function emptyGrafana(t: TestContext, path = "") {
  const stack = await startEmbeddedStack([miniserve], {
    dataDirectory: temporaryDirectory(),
    ports: { tempo: 0, otlpGrpc: 0, otlpHttp: 0 },
    hosts: ["127.0.0.1"],
  });
  t.after(() => stack.close());
  const tempo = `http://127.0.0.1:${stack.ports.tempo}`;
  const addresses = { tempo, loki: nobody, prometheus: nobody };
  const grafana = await startGrafana(t, { addresses, provisioning: undefined, path });
  return { grafana, tempo };
}

/** What `npm run provision` runs. */
async function provision(
  { url }: Pick<GrafanaUnderTest, "url">,
  options: readonly string[],
  credential: string,
) {
  const child = spawn(
    process.execPath,
    ["scripts/provision.ts", "--grafana", url, "--json", ...options],
    { cwd: checkout, env: { ...process.env, GRAFANA_TOKEN: credential } },
  );
  const ended = new Promise<number | null>((settle) => child.once("close", settle));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const exitCode = await ended;
  assert.ok(stdout.startsWith("{"), stderr);
  const report = JSON.parse(stdout) as {
    readonly result: string;
    readonly changes?: readonly {
      readonly action: string;
      readonly kind: string;
      readonly id: string;
    }[];
  };
  const changes = (report.changes ?? []).filter(({ action }) => action !== "keep");
  return {
    exitCode,
    stderr,
    result: report.result,
    changes: changes.map(({ action, kind, id }) => `${action} ${kind} ${id}`),
  };
}

test("an empty Grafana gets everything; half made or edited, it gets what is missing", {
  skip: skipWithoutProgram,
  timeout,
}, async (t) => {
  const { grafana, tempo } = await emptyGrafana(t);
  const options = ["--tempo-url", tempo, "--loki-url", nobody, "--prometheus-url", nobody];
  const run = () => provision(grafana, options, grafana.credential);
  const first = await run();
  assert.equal(first.exitCode, 0, first.stderr);
  assert.equal(first.result, "applied");
  assert.ok(first.changes.length > 20);
  assert.ok(first.changes.every((change) => change.startsWith("create ")));
  assert.equal((await run()).result, "nothing to do");

  await t.test("half made", async () => {
    const [board, rule] = [expected.dashboards[0]?.uid, expected.rules[0]?.uid];
    await askGrafana(grafana, `DELETE /api/dashboards/uid/${board}`);
    await askGrafana(grafana, `DELETE /api/v1/provisioning/alert-rules/${rule}`);
    const { exitCode, changes, stderr } = await run();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(changes.sort(), [`create alert rule ${rule}`, `create dashboard ${board}`]);
    assert.equal((await run()).result, "nothing to do");
  });

  await t.test("edited by hand", async () => {
    const uid = expected.dashboards[0]?.uid ?? "";
    const { dashboard, meta } = await askGrafana<{
      dashboard: { panels: { title: string }[] };
      meta: { folderUid: string };
    }>(grafana, `GET /api/dashboards/uid/${uid}`);
    const [panel] = dashboard.panels;
    assert.ok(panel !== undefined);
    panel.title = "By hand";
    const { folderUid } = meta;
    await askGrafana(grafana, "POST /api/dashboards/db", { dashboard, folderUid, overwrite: true });
    const { exitCode, changes, stderr } = await run();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(changes, [`update dashboard ${uid}`]);
    assert.equal((await run()).result, "nothing to do");
  });
});

test("below a path, and by an editor, who uses the datasource that is there", {
  skip: skipWithoutProgram,
  timeout,
}, async (t) => {
  const { grafana, tempo } = await emptyGrafana(t, "/grafana");
  const editor = { login: "ed", password: "editor-password" };
  await askGrafana(grafana, "POST /api/admin/users", { ...editor, name: "Ed", OrgId: 1 });
  const [user] = await askGrafana<{ userId: number }[]>(grafana, "GET /api/org/users?query=ed");
  const users = await askGrafana<{ userId: number; login: string }[]>(
    grafana,
    "GET /api/org/users",
  );
  const id = users.find(({ login }) => login === editor.login)?.userId ?? user?.userId;
  await askGrafana(grafana, `PATCH /api/org/users/${id}`, { role: "Editor" });
  const credential = `${editor.login}:${editor.password}`;

  const refused = await provision(grafana, ["--tempo-url", tempo], credential);
  assert.notEqual(refused.exitCode, 0, "an editor makes no datasource");

  await askGrafana(grafana, "POST /api/datasources", {
    ...{ uid: "spans", name: "Spans", type: "tempo", access: "proxy", url: tempo },
  });
  const options = ["--tempo-uid", "spans"];
  const first = await provision(grafana, options, credential);
  assert.equal(first.exitCode, 0, first.stderr);
  assert.ok(
    first.changes.some((change) => change === `create dashboard ${expected.dashboards[0]?.uid}`),
  );
  const again = await provision(grafana, options, credential);
  assert.equal(again.result, "nothing to do", again.changes.join("\n"));
  const found = await askGrafana<{ uid: string }[]>(grafana, "GET /api/search?type=dash-db");
  assert.ok(found.length >= expected.dashboards.length - 1);
});
