import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { emptyResource, emptyScope, type Span, writeResourceSpans } from "#contract";
import { fetchTrace } from "../../stack/index.ts";
import { sampleSpan } from "../../stack/trace-store/testing/sample-span.ts";
import { isAlive, listen, stackUnderTest, until, waitForEnd } from "./stack-under-test.ts";

const timeout = 180_000;
const up = ["stack/up.ts", "--no-server"] as const;
const traceId = "0af7651916cd43dd8448eb211c80319c";

function someSpan(): Span {
  const now = BigInt(Date.now()) * 1_000_000n;
  return sampleSpan({
    traceId,
    spanId: "00f067aa0ba902b7",
    name: "a span of another service",
    startTimeUnixNano: now,
    endTimeUnixNano: now + 5_000_000n,
    resource: emptyResource,
    scope: emptyScope,
  });
}

async function sendSpan(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: writeResourceSpans([someSpan()], "otlp") }),
  });
  assert.equal(response.status, 200, await response.text());
}

test("up, status, up again, down, and the data stay", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const before = await stack.run("stack/status.ts");
  assert.equal(before.exitCode, 2);
  assert.match(before.stdout, /^The stack does not run\. npm run stack:up starts it\.$/m);

  const first = await stack.run(...up);
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  assert.match(first.stdout, /The stack runs\./);
  assert.match(first.stdout, new RegExp(`http://127\\.0\\.0\\.1:${stack.ports.TEMPO_PORT}`));
  const pids = await stack.pids();
  assert.ok(isAlive(pids.supervisor) && isAlive(pids.store) && isAlive(pids.viewer));
  const link = first.stdout.trimEnd().split("\n").at(-1) ?? "";
  const [, dashboard = ""] = /^The dashboards: (http:\S+\/d\/\S+)$/.exec(link) ?? [];
  assert.equal((await fetch(dashboard)).status, 200, link);

  await sendSpan(stack.ports.OTLP_HTTP_PORT);
  const status = await stack.run("stack/status.ts", "--json");
  assert.equal(status.exitCode, 0);
  const health = JSON.parse(status.stdout);
  assert.equal(health.condition, "good");
  assert.deepEqual(health.problems, []);
  assert.deepEqual(health.intake.spans, { taken: 1, rejected: 0 });
  const shown = await stack.run("stack/status.ts");
  assert.match(shown.stdout, /^ {2}came in +1 span in 1 export since the store started$/m);

  const second = await stack.run(...up);
  assert.equal(second.exitCode, 0);
  assert.match(second.stdout, /The stack runs already\./);
  assert.deepEqual(await stack.pids(), pids);
  const withServer = await stack.run("stack/up.ts");
  assert.equal(withServer.exitCode, 1);
  assert.match(withServer.stderr, /without the server.*running_differently/);
  const inherited = stack.environment;
  const otherwise = await stack.runWith(
    {
      TEMPO_PORT: inherited.GRAFANA_PORT,
      GRAFANA_PORT: inherited.TEMPO_PORT,
      MINISERVE_SLOTS: "1",
    },
    ...up,
  );
  assert.equal(otherwise.exitCode, 1);
  assert.match(otherwise.stderr, /with other settings\. \[running_differently\]/);
  assert.deepEqual(otherwise.stderr.match(/^ {2}\w+/gm), [
    "  GRAFANA_PORT",
    "  MINISERVE_SLOTS",
    "  TEMPO_PORT",
  ]);
  assert.match(otherwise.stderr, /npm run stack:down/);

  const down = await stack.run("stack/down.ts");
  assert.equal(down.exitCode, 0);
  assert.ok(!isAlive(pids.supervisor) && !isAlive(pids.store) && !isAlive(pids.viewer));
  assert.equal((await stack.run("stack/status.ts")).exitCode, 2);
  const again = await stack.run("stack/down.ts");
  assert.equal(again.exitCode, 0);
  assert.match(again.stdout, /does not run/);

  assert.equal((await stack.run(...up)).exitCode, 0);
  const spans = await fetchTrace(`http://127.0.0.1:${stack.ports.TEMPO_PORT}`, traceId);
  assert.deepEqual(
    spans.map(({ name }) => name),
    ["a span of another service"],
  );
});

test("says which settings name ports that are in use, and by whom", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const { TEMPO_PORT, OTLP_HTTP_PORT } = stack.ports;
  const listeners = [await listen(TEMPO_PORT), await listen(OTLP_HTTP_PORT)];
  t.after(() => listeners.forEach((listener) => void listener.close()));
  const end = await stack.run(...up);
  assert.equal(end.exitCode, 2);
  const by = process.platform === "linux" ? ` by .*, process ${process.pid}` : "";
  assert.match(end.stderr, /port_in_use/);
  assert.match(end.stderr, new RegExp(`TEMPO_PORT ${TEMPO_PORT} is in use${by}`));
  assert.match(end.stderr, new RegExp(`OTLP_HTTP_PORT ${OTLP_HTTP_PORT} is in use${by}`));
  assert.equal((await stack.run("stack/status.ts")).exitCode, 2);
});

test("clears a stale state away, and leaves alone who has its numbers now", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  await stack.run(...up);
  const file = join(stack.environment.STACK_DIR ?? "", "stack.json");
  const state = JSON.parse(readFileSync(file, "utf8"));
  await stack.run("stack/down.ts");
  // This test has the numbers of all processes now, and is none of them.
  state.supervisor.pid = process.pid;
  state.children[0].process.pid = process.pid;
  writeFileSync(file, JSON.stringify(state));
  const status = await stack.run("stack/status.ts");
  assert.equal(status.exitCode, 2);
  assert.match(status.stdout, /was not stopped properly/);
  const end = await stack.run(...up);
  assert.equal(end.exitCode, 0, end.stderr);
  assert.match(end.stdout, /Its state is cleared/);

  await stack.run("stack/down.ts");
  writeFileSync(file, "{ half a file");
  const replaced = await stack.run(...up);
  assert.equal(replaced.exitCode, 0, replaced.stderr);
  assert.match(replaced.stdout, /is replaced/);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  test(`${signal} to stack:up leaves nothing running`, { timeout }, async (t) => {
    const stack = await stackUnderTest(t);
    const starting = stack.start(...up);
    const ended = waitForEnd(starting);
    const file = join(stack.environment.STACK_DIR ?? "", "stack.json");
    let pids: Record<string, number> = {};
    await until("a store process", () => {
      pids = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).pids : {};
      return pids.store !== undefined;
    });
    starting.kill(signal);
    const { exitCode, stdout, stderr } = await ended;
    assert.equal(exitCode, { SIGINT: 130, SIGTERM: 143, SIGKILL: null }[signal], stdout + stderr);
    await until("all gone", () => !isAlive(pids.supervisor) && !isAlive(pids.store));
    await until("no state", () => !existsSync(file));
    const restarted = await stack.run(...up);
    assert.equal(restarted.exitCode, 0, restarted.stdout + restarted.stderr);
  });
}

test("a supervisor that is killed while all starts leaves nothing running", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  const ended = waitForEnd(stack.start(...up));
  const file = join(stack.environment.STACK_DIR ?? "", "stack.json");
  let pids: Record<string, number> = {};
  await until("a store process", () => {
    pids = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).pids : {};
    return pids.store !== undefined;
  });
  process.kill(pids.supervisor ?? 0, "SIGKILL");
  const { exitCode, stderr } = await ended;
  assert.equal(exitCode, 1);
  assert.match(stderr, /supervisor_failed/);
  assert.equal(isAlive(pids.store), false);
  assert.equal(existsSync(file), false);
});

test("a store that is killed is started again, and has what it acknowledged", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  await stack.run(...up);
  await sendSpan(stack.ports.OTLP_HTTP_PORT);
  const { store } = await stack.pids();
  process.kill(store ?? 0, "SIGKILL");
  await until("a new store", async () => {
    const { stdout } = await stack.run("stack/status.ts", "--json");
    const [child] = JSON.parse(stdout).children;
    return child.condition === "ready" && child.pid !== store;
  });
  const status = await stack.run("stack/status.ts");
  assert.equal(status.exitCode, 0);
  assert.match(status.stdout, /The store was started again once: it was killed by SIGKILL/);
  const logs = await stack.run("stack/logs.ts", "supervisor");
  assert.match(logs.stdout, /The store was killed by SIGKILL .* It is started again in 0\.5 s\./);
  const spans = await fetchTrace(`http://127.0.0.1:${stack.ports.TEMPO_PORT}`, traceId);
  assert.equal(spans.length, 1);
});

test("without its supervisor a stack is said to be broken, and is cleared away", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  await stack.run(...up);
  const first = await stack.pids();
  process.kill(first.supervisor ?? 0, "SIGKILL");
  const status = await stack.run("stack/status.ts");
  assert.equal(status.exitCode, 1);
  assert.match(status.stdout, /The supervisor is gone/);
  const end = await stack.run(...up);
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
  assert.match(end.stdout, /lost its supervisor/);
  assert.equal(isAlive(first.store), false);

  const second = await stack.pids();
  process.kill(second.supervisor ?? 0, "SIGKILL");
  const down = await stack.run("stack/down.ts");
  assert.equal(down.exitCode, 0);
  assert.match(down.stdout, /The store stopped in \d+ ms/);
  assert.equal(isAlive(second.store), false);
});

test("a store that cannot start is blamed with its last words", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const data = join(stack.environment.STACK_DIR ?? "", "data");
  mkdirSync(stack.environment.STACK_DIR ?? "");
  writeFileSync(data, "this is no folder");
  const end = await stack.run(...up);
  assert.equal(end.exitCode, 1);
  assert.match(end.stderr, /The store ended with exit code 2\. \[child_failed\]/);
  assert.match(end.stderr, /Its last lines:\n.+/);
  assert.equal((await stack.run("stack/status.ts")).exitCode, 2);
});

test("two at the same time: one starts the stack, the other says so", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const ends = await Promise.all([stack.run(...up), stack.run(...up)]);
  // On a busy machine the other may come so late that the stack runs already.
  const said = ends.map(({ stdout, stderr }) => stdout + stderr);
  const matching = (pattern: RegExp) => said.filter((words) => pattern.test(words)).length;
  assert.equal(matching(/^The stack runs\.$/m), 1, said.join("\n"));
  assert.equal(matching(/already_starting|^The stack runs already\.$/m), 1, said.join("\n"));
  assert.equal((await stack.run("stack/status.ts")).exitCode, 0);
});

test("a folder that cannot be used is named with its setting", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  writeFileSync(stack.environment.STACK_DIR ?? "", "this is no folder");
  const end = await stack.run(...up);
  assert.equal(end.exitCode, 2);
  assert.match(end.stderr, /cannot be used \(EEXIST\)\. \[file_unwritable\]\nSet STACK_DIR/);
});

test("a reader that has seen enough is no error", { timeout }, async (t) => {
  const stack = await stackUnderTest(t);
  const help = stack.start("stack/up.ts", "--help");
  help.stdout?.destroy();
  const [code] = await once(help, "exit");
  assert.equal(code, 0);
});
