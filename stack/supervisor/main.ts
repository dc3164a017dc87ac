import { outlastFullDisk } from "../outlast-full-disk.ts";
import { keepFilesPrivate, privacySentences } from "../private-files.ts";
import { readIdentity } from "../state/process-identity.ts";
import {
  getStateFile,
  removeState,
  restrictStackDirectory,
  type StackState,
  writeState,
} from "../state/stack-state.ts";
import { SupervisedChild } from "./child.ts";
import { boundOutputs, getOutputFile } from "./output-file.ts";
import type { FromSupervisor, SupervisorPlan, ToSupervisor } from "./plan.ts";

/**
 * The process that owns a running stack. `stack:up` starts it and talks to it over an IPC channel;
 * as long as it has not been adopted it ends, with all it started, when that channel closes, so that
 * a `stack:up` that is killed leaves nothing behind.
 */
keepFilesPrivate();
outlastFullDisk();
let supervisor: Supervisor | undefined;
const keepAliveMs = 3_600_000;
let isAdopted = false;
let isEnding = false;

function log(sentence: string): void {
  process.stdout.write(`${new Date().toISOString()} ${sentence}\n`);
}

function sendMessage(message: FromSupervisor): void {
  if (process.connected) {
    // A starter that just died closes the channel, which is noticed below.
    process.send?.(message, () => undefined);
  }
}

async function end(reason: string, exitCode: number): Promise<void> {
  if (isEnding) {
    return;
  }
  isEnding = true;
  log(reason);
  await supervisor?.stop();
  log("The supervisor ends.");
  process.exit(exitCode);
}

process.on("message", async (message: ToSupervisor) => {
  switch (message.type) {
    case "start": {
      const { plan } = message;
      const state = { ...plan.state, supervisor: readIdentity(process.pid) ?? null };
      privacySentences(restrictStackDirectory(plan.directory)).forEach(log);
      log(`The supervisor starts ${plan.children.map(({ name }) => name).join(" and ")}.`);
      if (plan.children.length === 0) {
        // Beside containers without a server nothing else would keep it here.
        setInterval(() => undefined, keepAliveMs);
      }
      supervisor = new Supervisor({ ...plan, state }, { tell: sendMessage, log });
      if (!(await supervisor.start())) {
        await end("Not all could be started.", 1);
      }
      break;
    }
    case "adopt":
      isAdopted = true;
      supervisor?.adopt();
      process.disconnect();
      break;
    case "stop":
      await end("stack:up was interrupted.", 1);
      break;
    default:
      message satisfies never;
  }
});

process.on("disconnect", () => {
  if (!isAdopted) {
    void end("stack:up is gone before the stack was ready.", 1);
  }
});

process.on("SIGTERM", () => void end("Asked to stop.", 0));
process.on("SIGINT", () => void end("Asked to stop.", 0));
// The terminal in which stack:up ran may close.
process.on("SIGHUP", () => undefined);

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    void end(`A defect of the supervisor: ${(error as Error)?.stack ?? String(error)}`, 1);
  });
}

const rewriteDelayMs = 1_000;

interface SupervisorDependencies {
  /** Tells the `stack:up` that started it, as long as that listens. */
  readonly tell: (message: FromSupervisor) => void;
  /** Writes a sentence to the supervisor's log. */
  readonly log: (sentence: string) => void;
}

/** Owns the processes of a stack: starts them, keeps them running, says in `stack.json` how they are. */
export class Supervisor {
  readonly #plan: SupervisorPlan;
  readonly #dependencies: SupervisorDependencies;
  readonly #children: readonly SupervisedChild[];
  #state: StackState;
  #stopped: Promise<void> | undefined;
  #isStateWritten = true;
  #writesAgain: NodeJS.Timeout | undefined;

  constructor(plan: SupervisorPlan, dependencies: SupervisorDependencies) {
    this.#plan = plan;
    this.#dependencies = dependencies;
    this.#state = plan.state;
    const { directory, checkout } = plan;
    const { log } = dependencies;
    const onChange = () => this.#write();
    this.#children = plan.children.map(
      (child) => new SupervisedChild(child, { directory, checkout, onChange, log }),
    );
    boundOutputs(
      ["supervisor", ...plan.children.map(({ name }) => name)].map((name) =>
        getOutputFile(directory, name),
      ),
    );
  }

  /** Starts all children; false when one of them failed and the rest were stopped again. */
  async start(): Promise<boolean> {
    const { tell, log } = this.#dependencies;
    const started = performance.now();
    const failures = this.#children.map(async (child) => {
      await child.start(this.#plan.readyLimitMs).catch((error: Error) => {
        // Of several failures the first one counts: the others may follow from it.
        if (this.#stopped === undefined) {
          log(`The ${child.record.name} ${error.message}.`);
          tell({ type: "failed", name: child.record.name, sentence: error.message });
          void this.stop();
        }
      });
      if (child.record.phase === "ready") {
        const afterMs = Math.round(performance.now() - started);
        tell({ type: "child-ready", name: child.record.name, afterMs });
      }
    });
    await Promise.all(failures);
    if (this.#stopped !== undefined) {
      await this.#stopped;
      return false;
    }
    log("All are ready.");
    tell({ type: "ready" });
    return true;
  }

  /** The `stack:up` is done: the stack runs on without it. */
  adopt(): void {
    this.#state = { ...this.#state, phase: "running", starter: null };
    this.#write();
  }

  /** Stops all children, the last one first, and removes the state. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#state = { ...this.#state, phase: "stopping" };
    for (const child of this.#children.toReversed()) {
      await child.stop();
      this.#dependencies.log(`The ${child.record.name} has stopped.`);
    }
    clearTimeout(this.#writesAgain);
    removeState(this.#plan.directory, this.#state);
  }

  #write(): void {
    this.#state = { ...this.#state, children: this.#children.map(({ record }) => record) };
    clearTimeout(this.#writesAgain);
    this.#writesAgain = undefined;
    try {
      writeState(this.#plan.directory, this.#state);
      this.#isStateWritten = true;
    } catch (error) {
      // Until the disk has room, the state says what was; then it must not stay so.
      this.#writesAgain = setTimeout(() => this.#write(), rewriteDelayMs);
      if (this.#isStateWritten) {
        const { code } = error as NodeJS.ErrnoException;
        const file = getStateFile(this.#plan.directory);
        this.#dependencies.log(`${file} cannot be written (${code}). It is tried again.`);
      }
      this.#isStateWritten = false;
    }
  }
}
