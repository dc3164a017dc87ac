import { getStateFile, removeState, type StackState, writeState } from "../state/stack-state.ts";
import { SupervisedChild } from "./child.ts";
import { boundOutputs, getOutputFile } from "./output-file.ts";
import type { FromSupervisor, SupervisorPlan } from "./plan.ts";

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
