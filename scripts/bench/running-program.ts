import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
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
    if (end !== "") throw this.failure(end);
  }

  failure(what: string): StackError {
    const { name, outputFile } = this.#program;
    return new StackError({
      code: "child_failed",
      seen: `The ${name} ${what}.`,
      details: readFileSync(outputFile, "utf8").trimEnd().split("\n").slice(-10),
      exitCode: 1,
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
