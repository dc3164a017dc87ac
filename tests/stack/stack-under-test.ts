import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readIdentity } from "../../stack/state/process-identity.ts";

export const checkout = resolve(import.meta.dirname, "..", "..");

export interface CommandEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stack of its own for a test: a folder, and ports that were free a moment ago. */
export interface StackUnderTest {
  readonly directory: string;
  readonly ports: Readonly<Record<PortVariable, number>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a program of the checkout to its end. */
  run(program: string, ...args: string[]): Promise<CommandEnd>;
  /** The same with other settings. */
  runWith(
    settings: Readonly<Record<string, string | undefined>>,
    program: string,
    ...args: string[]
  ): Promise<CommandEnd>;
  /** Starts one. */
  start(program: string, ...args: string[]): ChildProcess;
  /** The numbers of the processes in stack.json. */
  pids(): Promise<Record<string, number>>;
}

const portVariables = [
  "MINISERVE_PORT",
  "TEMPO_PORT",
  "OTLP_GRPC_PORT",
  "OTLP_HTTP_PORT",
  "GRAFANA_PORT",
  "LOKI_PORT",
  "PROMETHEUS_PORT",
  "COLLECTOR_HEALTH_PORT",
] as const;
type PortVariable = (typeof portVariables)[number];

/** After the test everything is stopped, and nothing of it may be left. */
export async function stackUnderTest(
  t: TestContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<StackUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-stack-"));
  const ports = await freePorts();
  const environment = {
    ...inherited(),
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
    STACK_DIR: join(directory, "stack"),
    MINISERVE_LOG_FILE: join(directory, "logs", "miniserve.log"),
    MINISERVE_MODELS_DIRECTORY: join(directory, "models"),
    MINISERVE_OFFLINE: "1",
    // It would work in the background while something else is tested.
    MINISERVE_INDEX_DOCS: "0",
    NO_COLOR: "1",
    ...settings,
  };
  const startWith = (changes: Readonly<Record<string, string | undefined>>, args: string[]) =>
    spawn(process.execPath, [...args], {
      cwd: checkout,
      env: { ...environment, ...changes },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const start = (...args: string[]) => startWith({}, args);
  const runWith: StackUnderTest["runWith"] = (changes, ...args) =>
    waitForEnd(startWith(changes, args));
  const run = (program: string, ...args: string[]) => waitForEnd(start(program, ...args));
  t.after(async () => {
    const down = await run("stack/down.ts");
    rmSync(directory, { recursive: true, force: true });
    assert.equal(down.exitCode, 0, `stack:down: ${down.stdout}${down.stderr}`);
  });
  const pids = async () => {
    const { stdout } = await run("stack/status.ts", "--json");
    const { state } = JSON.parse(stdout);
    const named = [["supervisor", state.supervisor], ...state.children.map(nameAndProcess)];
    return Object.fromEntries(named.map(([name, process]) => [name, process?.pid]));
  };
  return { directory, ports, environment, run, runWith, start, pids };
}

function nameAndProcess(child: { name: string; process: unknown }): [string, unknown] {
  return [child.name, child.process];
}

/** What the machine says, without settings of ours that a developer may have set. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || /^(MINISERVE_|OTEL_|STACK_|NODE_TEST_CONTEXT)/.test(name)
        ? []
        : [[name, value]],
    ),
  );
}

export async function waitForEnd(child: ChildProcess): Promise<CommandEnd> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const exitCode = await new Promise<number | null>((resolveEnd, reject) => {
    child.once("error", reject);
    child.once("close", resolveEnd);
  });
  return { exitCode, stdout, stderr };
}

/** Below those that the system hands out by itself: it would give them away until the stack listens. */
async function freePorts(): Promise<Record<PortVariable, number>> {
  const ports = new Set<number>();
  while (ports.size < portVariables.length) {
    const listener = await listen(randomInt(12_000, 32_000)).catch(() => undefined);
    if (listener !== undefined) {
      ports.add(getPort(listener));
      await new Promise((done) => listener.close(done));
    }
  }
  const found = [...ports];
  return Object.fromEntries(portVariables.map((name, index) => [name, found[index]])) as Record<
    PortVariable,
    number
  >;
}

/** A listener on a port of its own, or on the one that is given. */
export async function listen(port = 0): Promise<Server> {
  const server = createServer();
  await new Promise<void>((listening, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", listening);
  });
  return server;
}

function getPort(server: Server): number {
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

/** Waits for something to become true, and fails when it does not. */
export async function until(what: string, condition: () => boolean | Promise<boolean>) {
  for (const deadline = Date.now() + 60_000; !(await condition()); await sleep(50)) {
    assert.ok(Date.now() < deadline, `not within 60 s: ${what}`);
  }
}

/** Whether a process runs. One that has ended and whose parent has not noticed does not. */
export function isAlive(pid: number | undefined): boolean {
  return pid !== undefined && readIdentity(pid) !== undefined;
}
