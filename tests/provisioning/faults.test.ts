/** What the provisioner does when Grafana, or the way to it, fails. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { applyPlan, type ProvisioningError } from "../../provisioning/index.ts";
import { credentials, startFakeGrafana } from "../support/fake-grafana/fake-grafana.ts";
import { planFor, provision, storedIn, toDo } from "./provisioned.ts";

test("after each failure another run goes on, and ends as one without failures", async (t) => {
  const clean = await startFakeGrafana(t);
  await provision(clean);
  const changes = clean.changes();
  // Of requests of a kind, the first, so that each kind fails once in each way.
  const kinds = [...new Set(changes.map((change) => change.replace(/\/entry-.*/, "/")))];
  assert.ok(kinds.length >= 6, kinds.join());
  for (const kind of kinds) {
    const grafana = await startFakeGrafana(t);
    grafana.faults.push(...Array.from({ length: 6 }, () => ({ request: kind, kind: 500 })));
    const { outcome } = await provision(grafana);
    assert.equal(outcome.failure?.error.code, "grafana_failed", kind);
    assert.ok(grafana.changes().length < changes.length, kind);
    const { outcome: second } = await provision(grafana);
    assert.equal(second.failure, undefined, kind);
    assert.deepEqual(storedIn(grafana), storedIn(clean), kind);
  }
});

test("an answer that was lost leads to nothing being there twice", async (t) => {
  const clean = await startFakeGrafana(t);
  await provision(clean);
  const kinds = [...new Set(clean.changes().map((change) => change.replace(/\/entry-.*/, "/")))];
  for (const kind of ["reset before", "reset after"] as const) {
    const grafana = await startFakeGrafana(t);
    grafana.faults.push(...kinds.map((request) => ({ request, kind })));
    const pauses: number[] = [];
    const { outcome } = await provision(grafana, { pauses });
    assert.equal(outcome.failure, undefined, kind);
    assert.equal(grafana.faults.length, 0, kind);
    assert.equal(pauses.length, kinds.length, kind);
    assert.deepEqual(storedIn(grafana), storedIn(clean), kind);
  }
});

test("questions are asked again after a 502 and a lost connection", async (t) => {
  const grafana = await startFakeGrafana(t);
  const request = "GET /api/datasources";
  grafana.faults.push({ request, kind: 502 }, { request, kind: "reset before" });
  assert.ok(toDo(await planFor(grafana)).length > 0);
  assert.equal(grafana.faults.length, 0);
});

test("as long as Grafana asks for is waited, and each time longer", async (t) => {
  const grafana = await startFakeGrafana(t);
  const request = "POST /api/folders";
  grafana.faults.push(
    { request, kind: 429, headers: { "retry-after": "7" } },
    ...Array.from({ length: 3 }, () => ({ request, kind: 503 })),
  );
  const pauses: number[] = [];
  const { outcome } = await provision(grafana, { pauses });
  assert.equal(outcome.failure, undefined);
  assert.equal(pauses[0], 7000);
  const [, second = 0, third = 0, fourth = 0] = pauses;
  assert.ok(second >= 500 && third >= 1000 && fourth >= 2000, pauses.join());
  assert.equal(pauses.length, 4);
});

const refusals = [
  { status: 400, code: "grafana_refused" },
  { status: 401, code: "grafana_unauthorized" },
  { status: 403, code: "grafana_forbidden" },
  { status: 404, code: "grafana_refused" },
  { status: 409, code: "grafana_conflict" },
  { status: 412, code: "grafana_conflict" },
  { status: 422, code: "grafana_refused" },
];

for (const { status, code } of refusals) {
  test(`${status} is not tried again`, async (t) => {
    const grafana = await startFakeGrafana(t);
    const request = "POST /api/dashboards/db";
    grafana.faults.push({ request, kind: status, body: { message: "its own words" } });
    const pauses: number[] = [];
    const { outcome } = await provision(grafana, { pauses });
    assert.equal(outcome.failure?.error.code, code);
    assert.match(
      outcome.failure?.error.message ?? "",
      /POST \/api\/dashboards\/db .*its own words/,
    );
    assert.equal(outcome.failure?.change.kind, "dashboard");
    assert.deepEqual(pauses, []);
    assert.equal(grafana.requests.filter((sent) => sent === request).length, 1);
  });
}

test("a change by somebody else between plan and deed is not overwritten", async (t) => {
  const grafana = await startFakeGrafana(t);
  await provision(grafana);
  const { dashboards } = grafana.content;
  const [uid = "", board] = [...dashboards][0] ?? [];
  assert.ok(board);
  const rename = (title: string, version: number) =>
    dashboards.set(uid, { ...board, dashboard: { ...board.dashboard, title, version } });
  rename("One", 2);
  const plan = await planFor(grafana);
  rename("Two", 3);
  const { failure } = await applyPlan(plan, () => undefined);
  assert.equal(failure?.error.code, "grafana_conflict");
  assert.equal(dashboards.get(uid)?.dashboard.title, "Two");
});

test("a wrong token, an old version and no Grafana are told apart", async (t) => {
  const grafana = await startFakeGrafana(t);
  await assert.rejects(planFor(grafana, { credential: "glsa_wrong" }), {
    code: "grafana_unauthorized",
  });
  const old = await startFakeGrafana(t, { version: "11.6.2" });
  await assert.rejects(planFor(old), { code: "grafana_unsuitable", message: /11\.6\.2/ });
  const pages = createServer((request, response) => {
    if (request.url?.startsWith("/moved") === true) {
      response.writeHead(302, { location: "https://grafana.example.org/login" }).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>");
  }).listen(0, "127.0.0.1");
  await new Promise((settle) => pages.once("listening", settle));
  t.after(() => pages.close());
  const url = `http://127.0.0.1:${(pages.address() as { port: number }).port}`;
  await assert.rejects(planFor({ url }), { code: "grafana_unsuitable", message: /not JSON/ });
  await assert.rejects(planFor({ url: `${url}/moved` }), {
    code: "grafana_unsuitable",
    hint: /grafana\.example\.org/,
  });
  pages.closeAllConnections();
  await new Promise((settle) => pages.close(settle));
  const pauses: number[] = [];
  await assert.rejects(planFor({ url }, { pauses }), { code: "grafana_unreachable" });
  // A connection that was kept may end first; that nobody listens is believed at once.
  assert.ok(pauses.length <= 1, pauses.join());
});

test("a request that cannot be made is not tried again, and shows no secret", async () => {
  const unmakeable = [
    { access: { url: "http://localhost:1" }, credential: "glsa_secret\nsecret" },
    { access: { url: "http://:secret@localhost:1" }, credential: "glsa_good" },
  ];
  for (const { access, credential } of unmakeable) {
    const pauses: number[] = [];
    await assert.rejects(planFor(access, { credential, pauses }), (error: ProvisioningError) => {
      assert.equal(error.code, "grafana_unreachable");
      assert.ok(!`${error.message}${error.hint}`.includes("secret"), error.message);
      return true;
    });
    assert.deepEqual(pauses, []);
  }
});

test("an account that may not list datasources can use one that is there", async (t) => {
  const denied = ["GET /api/datasources", "POST /api/datasources", "GET /api/plugins"];
  const grafana = await startFakeGrafana(t, { denied });
  grafana.content.datasources.set("theirs", { uid: "theirs", type: "tempo", name: "Theirs" });
  const { plan, outcome } = await provision(grafana, { choices: { tempo: { uid: "theirs" } } });
  assert.equal(outcome.failure, undefined);
  assert.ok(plan.notices.some((notice) => /may not list datasources/.test(notice)));
  await assert.rejects(planFor(grafana), { code: "grafana_forbidden", message: /some:write/ });
});

test("what is not as expected is said with its place", async (t) => {
  const grafana = await startFakeGrafana(t);
  grafana.faults.push({ request: "GET /api/health", kind: 200, body: { database: 1 } });
  await assert.rejects(planFor(grafana, { credential: credentials.token }), {
    code: "grafana_unsuitable",
    message: /\/api\/health.*database/,
  });
});
