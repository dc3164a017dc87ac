/** The driver of containers, with a planted engine: what it asks of it, and what it makes of the answers. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { expectGrafana } from "../../stack/deployment/compose/parts/expected.ts";
import { stackUnderTest } from "../stack/stack-under-test.ts";
import { seedEngine } from "./seeded-engine.ts";

const timeout = 300_000;

test("up, status, verify and down with containers", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const engine = seedEngine(stack.directory);
  const run = (program: string, ...words: string[]) =>
    stack.runWith(engine.environment, program, ...words);
  t.after(() => run("stack/down.ts"));
  const up = await run("stack/up.ts", "--driver", "compose");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  for (const part of ["collector", "tempo", "loki", "prometheus", "grafana"]) {
    assert.match(up.stdout, new RegExp(`${part} +ready`), up.stdout);
  }
  assert.match(up.stdout, /Its first trace, [0-9a-f]{32}, is as contracted/);
  assert.deepEqual(engine.calls(), ["ps --all --quiet", "up --detach --quiet-pull"]);
  assert.ok(existsSync(join(stack.directory, "logs")), "the folder of the log is not there");

  const status = await run("stack/status.ts", "--json");
  assert.equal(status.exitCode, 0, status.stderr);
  const report = JSON.parse(status.stdout);
  const expected = expectGrafana();
  assert.equal(report.state.driver, "compose");
  assert.deepEqual(report.containers.grafana.dashboards, expected.dashboards);
  assert.equal(report.containers.grafana.datasources.length, expected.datasources.length);
  assert.equal(report.containers.grafana.rules.length, expected.rules.length);
  assert.match(report.containers.lastTrace.traceId, /^[0-9a-f]{32}$/);

  const verify = await run("scripts/verify.ts");
  assert.equal(verify.exitCode, 0, verify.stdout + verify.stderr);
  const other = await run("stack/up.ts", "--driver", "embedded");
  assert.equal(other.exitCode, 1);
  assert.match(other.stderr, /with the driver compose/);

  const [lost] = expected.dashboards;
  engine.loseDashboard(lost?.title ?? "");
  engine.closeExplore();
  const bad = await run("stack/status.ts");
  assert.equal(bad.exitCode, 1, bad.stdout);
  assert.ok(bad.stdout.includes(`has not loaded the dashboard "${lost?.title}"`), bad.stdout);
  assert.match(bad.stdout, /Grafana lets nobody into Explore/);

  const unasked = await run("stack/down.ts", "--volumes");
  assert.equal(unasked.exitCode, 2, "nobody was asked, and it was removed");
  const down = await run("stack/down.ts");
  assert.equal(down.exitCode, 0, down.stdout + down.stderr);
  assert.equal(engine.calls().at(-1), "--profile server down --remove-orphans");
  assert.equal((await run("stack/status.ts")).exitCode, 2);
  const removed = await run("stack/down.ts", "--volumes", "--yes");
  assert.equal(removed.exitCode, 0, removed.stderr);
  assert.equal(engine.calls().at(-1), "--profile server down --remove-orphans --volumes");
});

test("where an engine answers, the embedded stack is still the default, and the other is told", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  const engine = seedEngine(stack.directory);
  const run = (program: string, ...words: string[]) =>
    stack.runWith(engine.environment, program, ...words);
  const up = () => run("stack/up.ts", "--no-server", "--no-viewer");
  const without = await up();
  assert.equal(without.exitCode, 0, without.stdout + without.stderr);
  assert.match(without.stdout, /--driver compose, makes .*; it fetches its images first/);
  const { state } = JSON.parse((await run("stack/status.ts", "--json")).stdout);
  assert.equal(state.driver, "embedded");
  await run("stack/down.ts");
  engine.haveImages();
  assert.match((await up()).stdout, /--driver compose, makes .*; its images are there/);
});

test("without an engine that has Compose it is said, and nothing is started", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  const folder = join(stack.directory, "no-engine");
  mkdirSync(folder);
  for (const name of ["docker", "podman"]) {
    writeFileSync(join(folder, name), "#!/bin/sh\nexit 1\n");
    chmodSync(join(folder, name), 0o755);
  }
  const up = await stack.runWith(
    { PATH: `${folder}:${process.env.PATH}` },
    "stack/up.ts",
    "--driver",
    "compose",
  );
  assert.equal(up.exitCode, 2);
  assert.match(up.stderr, /\[driver_unavailable\]/);
  assert.equal((await stack.run("stack/status.ts")).exitCode, 2);
});
