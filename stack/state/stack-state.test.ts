import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isRunning, readIdentity } from "./process-identity.ts";
import {
  claimState,
  getStateFile,
  listRunningProcesses,
  readState,
  removeState,
  type StackState,
  writeState,
} from "./stack-state.ts";

function temporaryDirectory(t: { after: (done: () => void) => void }): string {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-state-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "not-there-yet");
}

function createState(change: Partial<StackState> = {}): StackState {
  return {
    version: 1,
    phase: "starting",
    driver: "embedded",
    startedAt: "2026-01-02T03:04:05.678Z",
    serverUrl: null,
    viewerUrl: null,
    tempoUrl: "http://127.0.0.1:1",
    otlpGrpcUrl: "http://127.0.0.1:2",
    otlpHttpUrl: "http://127.0.0.1:3",
    logFile: null,
    starter: null,
    supervisor: null,
    children: [],
    ...change,
  };
}

test("a state is claimed once, and what is written is read", (t) => {
  const directory = temporaryDirectory(t);
  const state = createState();
  assert.equal(readState(directory), undefined);
  assert.equal(claimState(directory, state), true);
  assert.equal(claimState(directory, createState({ startedAt: "later" })), false);
  assert.deepEqual(readState(directory), state);
  writeState(directory, { ...state, phase: "running" });
  assert.deepEqual(readState(directory), { ...state, phase: "running" });
  assert.deepEqual(readdirSync(directory), ["stack.json"]);
});

test("the state that is removed is one's own", (t) => {
  const directory = temporaryDirectory(t);
  const another = createState({ startedAt: "another" });
  claimState(directory, another);
  removeState(directory, createState({ startedAt: "ours" }));
  assert.deepEqual(readState(directory), another);
  removeState(directory, another);
  assert.equal(readState(directory), undefined);
  removeState(directory, another);
  assert.deepEqual(readdirSync(directory), []);
});

test("a file that is not ours is called unreadable", (t) => {
  const directory = temporaryDirectory(t);
  claimState(directory, createState());
  for (const content of ["", "{", "[]", '{"version":99}']) {
    writeFileSync(getStateFile(directory), content);
    assert.equal(readState(directory), "unreadable");
  }
  removeState(directory, "unreadable");
  assert.equal(readState(directory), undefined);
});

test("a process of the same number that started at another time is another process", () => {
  const self = readIdentity(process.pid);
  assert.ok(self);
  assert.equal(isRunning(self), true);
  assert.equal(isRunning({ ...self, startedAs: `${self.startedAs}0` }), false);
  const state = createState({
    starter: self,
    supervisor: { pid: process.pid, startedAs: "before the last boot" },
  });
  assert.deepEqual(
    listRunningProcesses(state).map(({ name }) => name),
    ["stack:up"],
  );
});

test("a process that has ended is not running", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: "pipe" });
  const identity = readIdentity(child.pid ?? 0);
  assert.ok(identity);
  assert.equal(isRunning(identity), true);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  assert.equal(isRunning(identity), false);
});

test("the file names every process by its number, for readers that know nothing else of it", (t) => {
  const directory = temporaryDirectory(t);
  const self = readIdentity(process.pid) ?? null;
  const child = { restarts: 0, lastExit: null, startedAt: null, phase: "ready" as const };
  claimState(
    directory,
    createState({ supervisor: self, children: [{ ...child, name: "store", process: self }] }),
  );
  const { pids } = JSON.parse(readFileSync(getStateFile(directory), "utf8"));
  assert.deepEqual(pids, { supervisor: process.pid, store: process.pid });
});
