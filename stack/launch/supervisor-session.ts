import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "../command/stack-error.ts";
import { plain } from "../command/terminal.ts";
import { checkout, childEnvironment } from "../config.ts";
import { lastLines } from "../log/log-file.ts";
import { formatLogLine } from "../log/log-line.ts";
import { isDiskFull } from "../state/health.ts";
import { getOutputFile, openOutput } from "../supervisor/output-file.ts";
import type { FromSupervisor, SupervisorPlan, ToSupervisor } from "../supervisor/plan.ts";
import { nodeArguments } from "./stack-plan.ts";

/** The conversation of `stack:up` with the supervisor that it started. */
export class SupervisorSession {
  readonly #plan: SupervisorPlan;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;

  /** Starts a supervisor in a session of its own: it outlives the terminal. */
  constructor(plan: SupervisorPlan) {
    this.#plan = plan;
    for (const name of ["supervisor", ...plan.children.map((child) => child.name)]) {
      setAside(getOutputFile(plan.directory, name));
    }
    const output = openOutput(getOutputFile(plan.directory, "supervisor"));
    this.#process = spawn(process.execPath, nodeArguments(join("stack", "supervisor", "main.ts")), {
      cwd: checkout,
      env: childEnvironment(),
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
    });
    closeSync(output);
    this.#exited = new Promise((resolve) => {
      this.#process.once("exit", () => resolve());
      this.#process.once("error", () => resolve());
    });
    this.#tell({ type: "start", plan });
  }

  /**
   * Waits until all children are ready.
   * @throws StackError `child_failed` with the last words of the child that is to blame. By then
   *   the supervisor has stopped everything and is gone.
   */
  async untilReady(onChildReady: (name: string, afterMs: number) => void): Promise<void> {
    const failure = await new Promise<{ name: string; sentence: string } | undefined>((resolve) => {
      void this.#exited.then(() => resolve({ name: "supervisor", sentence: "ended" }));
      this.#process.on("message", (message: FromSupervisor) => {
        switch (message.type) {
          case "child-ready":
            onChildReady(message.name, message.afterMs);
            break;
          case "ready":
            resolve(undefined);
            break;
          case "failed":
            resolve(message);
            break;
          default:
            message satisfies never;
        }
      });
    });
    if (failure !== undefined) {
      await this.stop();
      throw this.#createError(failure);
    }
  }

  /** Lets the stack run on without this process. */
  async adopt(): Promise<void> {
    const closed = new Promise((resolve) => this.#process.once("disconnect", resolve));
    this.#tell({ type: "adopt" });
    await Promise.race([closed, this.#exited]);
    this.#process.unref();
  }

  /** Stops everything; kills the supervisor when even its own limits have passed. */
  async stop(): Promise<void> {
    this.#tell({ type: "stop" });
    const limitMs = this.#plan.children.reduce((sum, child) => sum + child.stopLimitMs, 5_000);
    const limit = new AbortController();
    const late = sleep(limitMs, true, { signal: limit.signal }).catch(() => false);
    if (await Promise.race([this.#exited.then(() => false), late])) {
      this.#process.kill("SIGKILL");
    }
    limit.abort();
  }

  #tell(message: ToSupervisor): void {
    if (this.#process.connected) {
      // A supervisor that just ended is noticed by its exit.
      this.#process.send(message, () => undefined);
    }
  }

  #createError({ name, sentence }: { name: string; sentence: string }): StackError {
    const file = getOutputFile(this.#plan.directory, name);
    const lines = lastOutput(file, 20);
    if (isDiskFull(this.#plan.directory)) {
      return new StackError("disk_full", {
        message: `The disk of ${this.#plan.directory} is full, and the ${name} ${sentence}.`,
        details: lines.length > 0 ? ["Its last lines:", ...lines] : [],
        hint: "Everything that was started is stopped again. Make room, then start it again.",
      });
    }
    return new StackError(name === "supervisor" ? "supervisor_failed" : "child_failed", {
      message: `The ${name} ${sentence}.`,
      details: lines.length > 0 ? ["Its last lines:", ...lines] : ["It said nothing."],
      hint: `Everything that was started is stopped again. All its lines are in ${file}.`,
    });
  }
}

/** Every start begins with empty files; those of the one before are kept. */
function setAside(file: string): void {
  try {
    renameSync(file, `${file}.1`);
  } catch {
    // There is none yet.
  }
}

/** The last lines that a process wrote, for a person; none when it wrote nothing. */
function lastOutput(file: string, count: number): string[] {
  try {
    return lastLines(file, count).map((line) => formatLogLine(line, plain));
  } catch {
    return [];
  }
}
