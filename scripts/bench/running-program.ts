import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { checkout, StackError } from "../../stack/index.ts";

const readyLimitMs = 60_000;
const stopLimitMs = 20_000;

export interface Program {
  /** What it is called in sentences. */
  readonly name: string;
  /** Its file, relative to the checkout. */
  readonly file: string;
  /** What Node itself is told. */
  readonly nodeOptions?: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where all that it prints goes. */
  readonly outputFile: string;
  /** Whether messages go to and fro. */
  readonly hasChannel?: boolean;
}

/** One of our programs, in a process of its own. */
export class RunningProgram {
  readonly child: ChildProcess;
  readonly #program: Program;
  readonly #ended: Promise<string>;
  #isRunning = true;

  constructor(program: Program) {
    const { file, nodeOptions = [], environment, outputFile, hasChannel = false } = program;
    // A file costs no reader any time; under the supervisor of the stack it is one too.
    const output = openSync(outputFile, "a");
    this.#program = program;
    this.child = spawn(process.execPath, [...nodeOptions, ...loader(), file], {
      cwd: checkout,
      env: environment,
      stdio: ["ignore", output, output, ...(hasChannel ? (["ipc"] as const) : [])],
    });
    this.#ended = new Promise<string>((resolve) => {
      this.child.once("error", ({ message }) => resolve(`could not be started (${message})`));
      this.child.once("exit", (code, signal) => {
        resolve(code === 0 ? "" : `ended with ${signal ?? code}`);
      });
    }).finally(() => {
      this.#isRunning = false;
    });
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get outputFile(): string {
    return this.#program.outputFile;
  }

  get pid(): number {
    return this.child.pid ?? Number.NaN;
  }

  /** Waits until the address answers 200. @throws StackError when it ends before, or after a minute. */
  async ready(url: string): Promise<void> {
    const giveUpAt = performance.now() + readyLimitMs;
    while (!(await answersWell(url))) {
      if (!this.#isRunning || performance.now() > giveUpAt) {
        throw this.failure("does not become ready");
      }
      await delay(20);
    }
  }

  /** Asks it to end, and waits. @throws StackError when it does not end well, and in time. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    const end = await Promise.race([
      this.#ended,
      delay(stopLimitMs, "did not end when asked to", { ref: false }),
    ]);
    if (end !== "") {
      throw this.failure(end);
    }
  }

  failure(what: string): StackError {
    const { name, outputFile } = this.#program;
    return new StackError("child_failed", {
      message: `The ${name} ${what}.`,
      details: readFileSync(outputFile, "utf8").trimEnd().split("\n").slice(-10),
    });
  }
}

/** Where Node does not run TypeScript by itself, it needs the loader that this process has. */
function loader(): readonly string[] {
  return process.features.typescript === "strip" ? [] : process.execArgv;
}

async function answersWell(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Linux counts CPU time for programs in hundredths of a second, whatever its own clock. */
const microsecondsPerTick = 10_000;

/** CPU time of a process with all its threads, to 10 ms. Without that of its children. */
export function cpuTimeUs(pid: number): number {
  const { own } = cpuTicks(pid);
  return own * microsecondsPerTick;
}

/** Memory of a process that is in RAM, in bytes. */
export function residentBytes(pid: number): number {
  return readStatusBytes(pid, "VmRSS");
}

/** The most that it ever had in RAM, in bytes. */
export function peakResidentBytes(pid: number): number {
  return readStatusBytes(pid, "VmHWM");
}

function readStatusBytes(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (kibibytes === undefined) {
    throw new Error(`The system tells no ${field} of ${pid}.`);
  }
  return Number(kibibytes) * 1024;
}

interface CpuReading {
  readonly atMs: number;
  readonly busyMs: number;
  readonly oursMs: number;
}

/** What all of the machine and what we have used so far; `children` are ours that still run. */
export function readCpu(children: readonly number[]): CpuReading {
  const ticks = [process.pid, ...children].map((pid) => {
    const { own, ended } = cpuTicks(pid);
    return own + ended;
  });
  const busy = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return {
    atMs: performance.now(),
    busyMs: sum(busy),
    oursMs: (sum(ticks) * microsecondsPerTick) / 1000,
  };
}

/** How many CPUs somebody else kept busy between two readings, on average. */
export function othersCpus(before: CpuReading, after: CpuReading): number {
  const othersMs = after.busyMs - before.busyMs - (after.oursMs - before.oursMs);
  return Math.max(0, othersMs / (after.atMs - before.atMs));
}

function cpuTicks(pid: number): { own: number; ended: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold anything; after it come the fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  return { own: user + system, ended: endedUser + endedSystem };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
