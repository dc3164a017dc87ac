import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, readIdentity } from "../state/process-identity.ts";
import { claimState, readState, type StackState } from "../state/stack-state.ts";
import { getOutputFile } from "./output-file.ts";
import type { ChildPlan, FromSupervisor } from "./plan.ts";
import { Supervisor } from "./supervisor.ts";

/** Says that it is up, answers 200, and stops when it is asked to. */
const obedient = `
  console.log("up");
  require("node:http").createServer((_, response) => response.end("{}")).listen(PORT, "127.0.0.1");
  process.on("SIGTERM", () => { console.log("down"); process.exit(0); });
`;
const stubborn = `${obedient} process.removeAllListeners("SIGTERM"); process.on("SIGTERM", () => {});`;
const broken = `console.log("the reason"); process.exitCode = 7;`;
const mute = "setInterval(() => {}, 1000);";

interface Started {
  readonly directory: string;
  readonly supervisor: Supervisor;
  readonly told: FromSupervisor[];
  readonly sentences: string[];
  readonly state: () => StackState;
}

async function start(
  t: TestContext,
  programs: Readonly<Record<string, string>>,
  limits: { readyLimitMs?: number; stopLimitMs?: number } = {},
): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-supervisor-"));
  const { readyLimitMs = 20_000, stopLimitMs = 5_000 } = limits;
  const children: ChildPlan[] = [];
  for (const [name, program] of Object.entries(programs)) {
    const port = await freePort();
    children.push({
      name: name as ChildPlan["name"],
      command: process.execPath,
      arguments: ["-e", program.replace("PORT", String(port))],
      environment: {},
      readyUrl: `http://127.0.0.1:${port}/`,
      stopLimitMs,
    });
  }
  const first = firstState();
  claimState(directory, first);
  const told: FromSupervisor[] = [];
  const sentences: string[] = [];
  const supervisor = new Supervisor(
    { directory, checkout: directory, state: first, children, readyLimitMs },
    { tell: (message) => told.push(message), log: (sentence) => sentences.push(sentence) },
  );
  t.after(async () => {
    await supervisor.stop();
    rmSync(directory, { recursive: true });
  });
  const state = () => {
    const found = readState(directory);
    assert.ok(found !== undefined && found !== "unreadable");
    return found;
  };
  return { directory, supervisor, told, sentences, state };
}

function firstState(): StackState {
  return {
    version: 1,
    phase: "starting",
    driver: "embedded",
    startedAt: new Date().toISOString(),
    serverUrl: null,
    viewerUrl: null,
    tempoUrl: "",
    otlpGrpcUrl: "",
    otlpHttpUrl: "",
    logFile: null,
    starter: null,
    supervisor: readIdentity(process.pid) ?? null,
    children: [],
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !condition(); await sleep(20)) {
    assert.ok(Date.now() < deadline, "it did not come to that within 20 s");
  }
}

const findProcess = (state: StackState, name: string) => {
  const process = state.children.find((child) => child.name === name)?.process;
  assert.ok(process);
  return process;
};

test("starts all, says so, and stops the last one first", async (t) => {
  const { directory, supervisor, told, sentences, state } = await start(t, {
    store: obedient,
    server: obedient,
  });
  assert.equal(await supervisor.start(), true);
  assert.deepEqual(told.map(({ type }) => type).sort(), ["child-ready", "child-ready", "ready"]);
  const processes = ["store", "server"].map((name) => findProcess(state(), name));
  assert.ok(processes.every(isRunning));
  supervisor.adopt();
  assert.equal(state().phase, "running");

  await supervisor.stop();
  assert.ok(!processes.some(isRunning));
  assert.equal(readState(directory), undefined);
  const stops = sentences.filter((sentence) => sentence.endsWith("has stopped."));
  assert.deepEqual(stops, ["The server has stopped.", "The store has stopped."]);
  assert.equal(readFileSync(getOutputFile(directory, "server"), "utf8"), "up\ndown\n");
});

test("a child that ends before it is ready takes all others with it", async (t) => {
  const { directory, supervisor, told, state } = await start(t, {
    store: obedient,
    server: broken,
  });
  const starting = supervisor.start();
  const store = findProcess(state(), "store");
  assert.equal(await starting, false);
  assert.deepEqual(
    told.filter(({ type }) => type === "failed"),
    [{ type: "failed", name: "server", sentence: "ended with exit code 7" }],
  );
  assert.equal(isRunning(store), false);
  assert.equal(readState(directory), undefined);
  assert.equal(readFileSync(getOutputFile(directory, "server"), "utf8"), "the reason\n");
});

test("a child that never becomes ready is given up", async (t) => {
  const { supervisor, told } = await start(t, { store: mute }, { readyLimitMs: 300 });
  assert.equal(await supervisor.start(), false);
  assert.deepEqual(told, [
    { type: "failed", name: "store", sentence: "was not ready after 0.3 s" },
  ]);
});

test("a child that is killed is started again, and that is said", async (t) => {
  const { supervisor, sentences, state } = await start(t, { store: obedient, server: obedient });
  await supervisor.start();
  const store = findProcess(state(), "store");
  const server = findProcess(state(), "server");
  process.kill(server.pid, "SIGKILL");
  await until(() => sentences.includes("The server is ready again."));
  const record = state().children.find(({ name }) => name === "server");
  assert.equal(record?.phase, "ready");
  assert.equal(record?.restarts, 1);
  assert.equal(record?.lastExit?.sentence, "was killed by SIGKILL");
  assert.notDeepEqual(record?.process, server);
  assert.deepEqual(findProcess(state(), "store"), store);
  assert.match(
    sentences.find((sentence) => sentence.includes("SIGKILL")) ?? "",
    /^The server was killed by SIGKILL after \d+\.\d s\. It is started again in 0\.5 s\.$/,
  );
});

test("is stopped while a child waits to be started again", async (t) => {
  const { directory, supervisor, state } = await start(t, { store: obedient });
  await supervisor.start();
  process.kill(findProcess(state(), "store").pid, "SIGKILL");
  await until(() => state().children[0]?.phase === "waiting");
  await supervisor.stop();
  await sleep(700);
  assert.equal(readState(directory), undefined);
});

test("a child that does not want to stop is killed", async (t) => {
  const { supervisor, sentences, state } = await start(
    t,
    { store: stubborn },
    { stopLimitMs: 200 },
  );
  await supervisor.start();
  const store = findProcess(state(), "store");
  await supervisor.stop();
  assert.equal(isRunning(store), false);
  assert.ok(sentences.includes("The store did not stop within 0.2 s and is killed."));
});
