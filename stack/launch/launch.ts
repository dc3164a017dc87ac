import { execFile, spawn } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Contract } from "#contract";
import { CodedError } from "#errors";
import { StackError } from "../command/stack-error.ts";
import { writeLines } from "../command/terminal.ts";
import {
  checkout,
  childEnvironment,
  loopbackHosts,
  type PortName,
  portVariables,
  type StackConfig,
} from "../config.ts";
import type { Containers } from "../deployment/compose/run/containers.ts";
import { readState, type StackState } from "../state/stack-state.ts";
import { stopStack } from "../state/stop-stack.ts";
import type { SupervisorPlan } from "../supervisor/plan.ts";
import { type FirstTrace, sampleTrace } from "./first-trace.ts";
import { nodeArguments } from "./stack-plan.ts";
import { SupervisorSession } from "./supervisor-session.ts";

interface Launch {
  readonly contract: Contract;
  readonly config: StackConfig;
  readonly plan: SupervisorPlan;
  /** What runs beside what the supervisor starts. */
  readonly containers: Containers | undefined;
  /** Where the model's progress goes. */
  readonly output: NodeJS.WriteStream;
  readonly say: (line: string) => void;
  /** Aborted when the person wants no more of it. */
  readonly interruption: AbortSignal;
}

/**
 * Starts what the plan says, under a state that has been claimed. Returns the trace of the first
 * request, or undefined without a server. Whatever goes wrong until then, nothing is left running.
 */
export async function launch(launching: Launch): Promise<FirstTrace | undefined> {
  const { config, plan, interruption, containers, say } = launching;
  const { state } = plan;
  let session: SupervisorSession | undefined;
  try {
    // Before the ports are looked at: what this folder's last stack left behind holds them.
    await containers?.clear();
    await requireFreePorts(config, listPorts(state));
    if (state.serverUrl !== null) {
      await prepareModel(launching.output, interruption);
    }
    throwIfInterrupted(interruption);
    await containers?.start(say, { readyLimitMs: plan.readyLimitMs, interruption });
    session = new SupervisorSession(plan);
    const trace = await orInterruption(bringUp(launching, session), interruption);
    await session.adopt();
    return trace;
  } catch (error) {
    if (interruption.aborted && session !== undefined) {
      launching.say("Interrupted; stopping what was started ...");
    }
    await session?.stop();
    await containers
      ?.clear()
      .catch((left: Error) => say(`Containers may be left: ${left.message}`));
    await clearAway(launching);
    throw error;
  }
}

/** A supervisor that was killed has left its children and its state behind. */
async function clearAway({ config, plan, say }: Launch): Promise<void> {
  const left = readState(plan.directory);
  if (left !== undefined && left !== "unreadable" && left.startedAt === plan.state.startedAt) {
    await stopStack(config, left, say);
  }
}

async function bringUp(
  { contract, config, plan, say }: Launch,
  session: SupervisorSession,
): Promise<FirstTrace | undefined> {
  const { serverUrl, tempoUrl } = plan.state;
  if (plan.children.length > 0) {
    say(`Starting ${inWords(plan.children.map(({ name }) => `the ${name}`))} ...`);
  }
  const slow = setInterval(() => say("  still starting ..."), 10_000);
  try {
    await session.untilReady((name, afterMs) =>
      say(`  ${name.padEnd(6)} ready after ${(afterMs / 1000).toFixed(1)} s`),
    );
  } finally {
    clearInterval(slow);
  }
  if (serverUrl === null) {
    return undefined;
  }
  say("Sending one small request ...");
  return await sampleTrace(contract, config, { serverUrl, tempoUrl });
}

const inWords = (words: readonly string[]) =>
  new Intl.ListFormat("en-GB", { type: "conjunction" }).format(words);

function listPorts(state: StackState): PortName[] {
  return [
    "tempo",
    "otlpGrpc",
    "otlpHttp",
    ...(state.viewerUrl === null ? [] : (["grafana"] as const)),
    ...(state.serverUrl === null ? [] : (["server"] as const)),
    ...(state.driver === "compose" ? (["loki", "prometheus", "collectorHealth"] as const) : []),
  ];
}

function throwIfInterrupted(interruption: AbortSignal): void {
  if (interruption.aborted) {
    throw interruption.reason;
  }
}

/** What the work comes to, or the interruption if that is earlier. */
function orInterruption<Result>(work: Promise<Result>, interruption: AbortSignal): Promise<Result> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    interruption.addEventListener("abort", () => reject(interruption.reason), { once: true });
  });
  return Promise.race([work, interrupted]);
}

/** A signal that aborts when the person presses Ctrl-C, closes the terminal or kills the process. */
export function interruptionBySignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () =>
      controller.abort(
        new StackError("interrupted", {
          signal,
          hint: "Everything that was started is stopped again.",
        }),
      ),
    );
  }
  return controller.signal;
}

/**
 * Makes sure that the ports are free.
 * @throws StackError `port_in_use` with a line for each that is not, and by whom it is used.
 */
async function requireFreePorts(config: StackConfig, names: readonly PortName[]): Promise<void> {
  const details = await listPortFaults(config, names);
  if (details.length > 0) {
    throw new StackError("port_in_use", { details });
  }
}

/** A sentence for each port that cannot be had, and by whom it is used. */
export async function listPortFaults(
  config: StackConfig,
  names: readonly PortName[],
): Promise<string[]> {
  const faults = await Promise.all(names.map((name) => findPortFault(config, name)));
  return faults.filter((fault) => fault !== undefined);
}

async function findPortFault(config: StackConfig, name: PortName): Promise<string | undefined> {
  const port = config.ports[name];
  const hosts = name === "server" ? [config.serverHost] : loopbackHosts;
  for (const host of hosts) {
    const code = await tryToListen(host, port);
    if (code === "EADDRINUSE") {
      const owner = await portOwner(port);
      return `${portVariables[name]} ${port} is in use${owner === undefined ? "" : ` by ${owner}`}.`;
    }
    if (code === "EACCES") {
      return `${portVariables[name]} ${port} is kept for the administrator of this machine.`;
    }
  }
  return undefined;
}

/** The code of the error, or undefined when it worked, or when this machine has no such address. */
function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Who listens on a port, as "node, process 4711", or undefined where that cannot be known cheaply. */
export async function portOwner(port: number): Promise<string | undefined> {
  try {
    return process.platform === "linux" ? await linuxOwner(port) : await portableOwner(port);
  } catch {
    return undefined;
  }
}

const listening = "0A";

async function linuxOwner(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  const sockets = tables
    .flatMap((table) => table.split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => {
      const hex = local?.split(":")[1] ?? "";
      return state === listening && Number.parseInt(hex, 16) === port;
    })
    .map((fields) => `socket:[${fields[9]}]`);
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) {
    if (await holdsAnySocket(pid, sockets)) {
      return described(await readProgram(pid), pid);
    }
  }
  return undefined;
}

/** What it was started as: a thread's name, which programs set as they like, tells little. */
async function readProgram(pid: string): Promise<string> {
  const [program = ""] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  return basename(program);
}

/** A program is called what anybody likes, and this is read at a terminal. */
function described(name: string, pid: string): string {
  const printable = name.replaceAll(/[^\x20-\x7e]/gu, "?").slice(0, 60);
  return printable === "" ? `process ${pid}` : `${printable}, process ${pid}`;
}

/** The files of other users' processes cannot be listed: those are passed over. */
async function holdsAnySocket(pid: string, sockets: readonly string[]): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const file of files) {
    const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => "");
    if (sockets.includes(target)) {
      return true;
    }
  }
  return false;
}

async function portableOwner(port: number): Promise<string | undefined> {
  const options = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
  const { stdout } = await promisify(execFile)("lsof", options, { timeout: 3000 });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const name = /^c(.+)$/m.exec(stdout)?.[1];
  return pid === undefined ? undefined : described(basename(name ?? ""), pid);
}

/**
 * Gets the model in the foreground; the person sees the progress.
 * @throws StackError with the server's own code: `configuration_invalid` with a line for each setting
 *   that cannot be used, or that of the model. `model_unavailable` when the server gave no code.
 */
async function prepareModel(output: NodeJS.WriteStream, interruption: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, nodeArguments("server/main.ts", "--prepare"), {
    cwd: checkout,
    env: childEnvironment(),
    stdio: ["ignore", output, "pipe"],
  });
  const stop = () => child.kill("SIGTERM");
  interruption.addEventListener("abort", stop, { once: true });
  const faults: Fault[] = [];
  // The last source that failed is what the fault is about: it need not be said twice.
  let heldBack: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    const fault = faultIn(line);
    if (fault !== undefined) {
      faults.push(fault);
      return;
    }
    writeLines(process.stderr, heldBack);
    heldBack = line.startsWith("model: failed") ? [line] : [];
    writeLines(process.stderr, heldBack.length === 0 ? [line] : []);
  });
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve(`did not start (${error.code})`));
    // The end of its output, not of the process: what it said last counts most.
    child.once("close", (code, signal) =>
      resolve(code === 0 ? "" : `ended with ${signal ?? code}`),
    );
  });
  interruption.removeEventListener("abort", stop);
  if (faults.length === 0) {
    writeLines(process.stderr, heldBack);
  }
  if (end !== "" && !interruption.aborted) {
    throw createLaunchError(faults, end);
  }
}

interface Fault {
  readonly code: "configuration_invalid" | `model_${string}`;
  readonly sentence: string;
}

/** The server ends with a line for each fault: its code, a colon, what was seen and what to do. */
function faultIn(line: string): Fault | undefined {
  const [, code, sentence = ""] = /^(configuration_invalid|model_\w+): (.+)$/.exec(line) ?? [];
  return code === undefined ? undefined : { code: code as Fault["code"], sentence };
}

function createLaunchError(faults: readonly Fault[], end: string): CodedError {
  const [first] = faults;
  if (first === undefined) {
    return new StackError("model_unavailable", {
      message: `The model could not be prepared: server/main.ts --prepare ${end}.`,
    });
  }
  if (first.code === "configuration_invalid") {
    return new StackError(first.code, {
      details: faults.map(({ sentence }) => sentence),
      hint: "docs/generated/settings.md lists what each takes. Nothing was started.",
    });
  }
  // The server's own code, from its table.
  return new CodedError(first.code, {
    message: faults.map(({ sentence }) => sentence).join(" "),
    hint: "Nothing was started.",
  });
}
