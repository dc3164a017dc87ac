import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readOtlpJson } from "#contract";
import { logEvents, miniserve, spans } from "#miniserve";
import { completeTree, formatTree } from "../support/traces/complete-request.ts";
import {
  checkout,
  isAlive,
  type StackUnderTest,
  stackUnderTest,
  until,
  waitForEnd,
} from "./stack-under-test.ts";

const timeout = 300_000;

async function bringUp(stack: StackUnderTest): Promise<void> {
  const end = await stack.run("stack/up.ts");
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
}

test("up, verify, export, check, logs, down", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  assert.match(up.stdout, /The server is degraded/);
  const [, traceId = ""] =
    /Its first trace, ([0-9a-f]{32}), is as contracted:/.exec(up.stdout) ?? [];
  assert.notEqual(traceId, "", up.stdout);
  assert.match(up.stdout, /curl -i http:\/\/127\.0\.0\.1:/);
  assert.ok(up.stdout.includes(`npm run trace:show -- ${traceId}`), up.stdout);

  const status = await stack.run("stack/status.ts");
  assert.match(status.stdout, /^The stack runs, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.$/m);
  assert.equal(status.stdout.split(`:${stack.ports.MINISERVE_PORT} `).length, 2, status.stdout);

  const verify = await stack.run("scripts/verify.ts");
  assert.equal(verify.exitCode, 0, verify.stdout + verify.stderr);
  for (const check of [
    "1. The trace is there",
    "2. The tree is",
    "3. Each span has",
    "4. 5 to 10",
  ]) {
    assert.ok(verify.stdout.includes(check), verify.stdout);
  }
  assert.match(verify.stdout, /^Everything is as contracted\.$/m);
  const json = JSON.parse((await stack.run("scripts/verify.ts", "--json")).stdout);
  assert.equal(json.ok, true);
  assert.equal(json.requests.length, 2);

  const empty = join(stack.directory, "empty.log");
  writeFileSync(empty, "");
  const unlogged = await stack.run("scripts/verify.ts", "--log-file", empty);
  assert.equal(unlogged.exitCode, 1);
  assert.match(unlogged.stdout, /✗ There are 0 lines with this trace id\./);
  assert.match(unlogged.stdout, /^2 things are not as contracted\.$/m);

  const file = join(stack.directory, "exported.json");
  const exported = await stack.run("scripts/trace-export.ts", traceId, "--out", file);
  assert.equal(exported.exitCode, 0, exported.stdout + exported.stderr);
  assert.ok(readFileSync(file, "utf8").includes(`"traceId": "${traceId}"`));
  const check = await stack.run("scripts/trace-check.ts", file);
  assert.equal(check.exitCode, 0, check.stdout);
  const here = spawn(process.execPath, [join(checkout, "scripts", "trace-export.ts"), traceId], {
    cwd: stack.directory,
    env: stack.environment,
  });
  assert.equal((await waitForEnd(here)).exitCode, 0);
  assert.equal(
    readFileSync(join(stack.directory, `${traceId}.json`), "utf8"),
    readFileSync(file, "utf8"),
  );
  rmSync(file);
  const ofNewest = await stack.run("scripts/trace-export.ts", "--out", file, "--json");
  const shownNewest = await stack.run("scripts/trace-show.ts", "--json");
  const newestId = JSON.parse(shownNewest.stdout).traceId;
  assert.equal(JSON.parse(ofNewest.stdout).traceId, newestId, "the one that trace:show means");
  const sample = await stack.run("scripts/trace-export.ts", "--sample", "--out", file, "--json");
  assert.equal(sample.exitCode, 0, sample.stderr);
  assert.ok(![traceId, newestId].includes(JSON.parse(sample.stdout).traceId));
  assert.equal((await stack.run("scripts/trace-check.ts", file)).exitCode, 0);
  const unknown = await stack.run("scripts/trace-export.ts", "f".repeat(32), "--out", file);
  assert.equal(unknown.exitCode, 1);
  assert.match(unknown.stderr, /trace_not_found/);

  const shown = await stack.run("scripts/trace-show.ts", traceId);
  assert.equal(shown.exitCode, 0, shown.stdout + shown.stderr);
  const { outcome } = miniserve.attributes;
  assert.ok(shown.stdout.startsWith(`${traceId}\n${spans.handler.name} `), shown.stdout);
  assert.ok(shown.stdout.includes(`${outcome.key}=completed`), shown.stdout);
  assert.ok(shown.stdout.includes(` ${logEvents.slotAcquired.name} `), shown.stdout);
  assert.match(shown.stdout, /^As contracted\.$/m);
  const newest = JSON.parse((await stack.run("scripts/trace-show.ts", "--json")).stdout);
  assert.equal(newest.traceId, JSON.parse(sample.stdout).traceId);
  assert.equal(newest.valid, true);
  assert.deepEqual(formatTree(readOtlpJson(newest).spans), completeTree(miniserve));
  assert.ok(newest.logLines.length >= 6);
  const nowhere = await stack.run("scripts/trace-show.ts", "f".repeat(32));
  assert.equal(nowhere.exitCode, 1);
  assert.match(nowhere.stderr, /trace_not_found/);
  const unlisted = await stack.run("stack/logs.ts", "--trace", "f".repeat(32));
  assert.equal(unlisted.exitCode, 1);
  assert.match(unlisted.stderr, /no line of that trace\. \[trace_not_logged\]/);

  const logs = await stack.run("stack/logs.ts", "--trace", traceId, "--raw");
  const lines = logs.stdout.trimEnd().split("\n");
  assert.ok(lines.length >= 6 && lines.length <= 10, logs.stdout);
  assert.ok(lines.every((line) => JSON.parse(line).trace_id === traceId));

  const { server, store, supervisor } = await stack.pids();
  const down = await stack.run("stack/down.ts");
  assert.equal(down.exitCode, 0);
  assert.ok(![server, store, supervisor].some(isAlive));
  const after = await stack.run("scripts/verify.ts");
  assert.equal(after.exitCode, 2);
  assert.match(after.stderr, /The stack does not run\. \[not_running\]/);
});

test("a server that is killed is started again, and traces as before, to the last request", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  await bringUp(stack);
  const before = await stack.pids();
  process.kill(before.server ?? 0, "SIGKILL");
  await until("a new server", async () => {
    const status = await stack.run("stack/status.ts", "--json");
    const { children } = JSON.parse(status.stdout);
    const server = children.find(({ name }: { name: string }) => name === "server");
    return server.condition === "degraded" && server.pid !== before.server;
  });
  const verify = await stack.run("scripts/verify.ts");
  assert.equal(verify.exitCode, 0, verify.stdout + verify.stderr);
  const status = await stack.run("stack/status.ts");
  assert.equal(status.exitCode, 0);
  assert.match(status.stdout, /The server was started again once: it was killed by SIGKILL/);

  // A request that ends just before stack:down is in the store.
  const response = await fetch(`http://127.0.0.1:${stack.ports.MINISERVE_PORT}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "Once", max_tokens: 2 }),
  });
  await response.text();
  const traceId = response.headers.get("x-trace-id") ?? "";
  await stack.run("stack/down.ts");
  assert.equal((await stack.run("stack/up.ts", "--no-server")).exitCode, 0);
  const file = join(stack.directory, "exported.json");
  const end = await stack.run("scripts/trace-export.ts", traceId, "--out", file);
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
});

test("a key of the server is used and never printed", { timeout }, async (t) => {
  const key = "a-key-that-nobody-may-see";
  const stack = await stackUnderTest(t, { MINISERVE_API_KEY: key });
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  const verify = await stack.run("scripts/verify.ts");
  assert.equal(verify.exitCode, 0, verify.stdout + verify.stderr);
  assert.ok(!(up.stdout + up.stderr + verify.stdout + verify.stderr).includes(key));
  const directory = stack.environment.STACK_DIR ?? "";
  const files = readdirSync(directory).filter((name) => /\.(json|log)$/.test(name));
  assert.ok(files.includes("stack.json") && files.includes("server.log"));
  assert.ok(!files.some((name) => readFileSync(join(directory, name), "utf8").includes(key)));
});

test("a server without a log file is verified by its output", { timeout }, async (t) => {
  const stack = await stackUnderTest(t, { MINISERVE_LOG_FILE: "" });
  await bringUp(stack);
  const verify = await stack.run("scripts/verify.ts");
  assert.equal(verify.exitCode, 0, verify.stdout + verify.stderr);
  assert.equal(existsSync(join(stack.directory, "logs")), false);
});

test("spans that are sent elsewhere are missed, and it is said why", { timeout }, async (t) => {
  const stack = await stackUnderTest(t, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 1);
  assert.match(up.stdout, /OTEL_EXPORTER_OTLP_ENDPOINT is set/);
  assert.match(up.stderr, /trace_not_found/);
  assert.match(up.stderr, /Unset it/);
  assert.equal((await stack.run("stack/status.ts")).exitCode, 2);
});
