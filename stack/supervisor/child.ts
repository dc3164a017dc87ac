import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff } from "#contract";
import { childEnvironment } from "../config.ts";
import { probe } from "../state/probe.ts";
import { readIdentity } from "../state/process-identity.ts";
import type { ChildRecord } from "../state/stack-state.ts";
import { getOutputFile, openOutput } from "./output-file.ts";
import type { ChildPlan } from "./plan.ts";

const pollIntervalMs = 50;
/** A child that ran this long had recovered: its next fall is a new one. */
const recoveredAfterMs = 60_000;

export interface ChildDependencies {
  readonly directory: string;
  readonly checkout: string;
  /** Called whenever the record has changed. */
  readonly onChange: () => void;
  /** Takes a sentence for the supervisor's log. */
  readonly log: (sentence: string) => void;
}

/** A process that the supervisor keeps running until it is told to stop it. */
export class SupervisedChild {
  readonly #plan: ChildPlan;
  readonly #dependencies: ChildDependencies;
  readonly #backoff = new Backoff({ firstDelayMs: 500, maxDelayMs: 30_000, isSpread: false });
  readonly #stopping = new AbortController();
  #process: ChildProcess | undefined;
  #exited: Promise<string> = Promise.resolve("never started");
  #record: ChildRecord;

  constructor(plan: ChildPlan, dependencies: ChildDependencies) {
    this.#plan = plan;
    this.#dependencies = dependencies;
    const { name } = plan;
    const nothing = { process: null, startedAt: null, restarts: 0, lastExit: null };
    this.#record = { name, phase: "starting", ...nothing };
  }

  get record(): ChildRecord {
    return this.#record;
  }

  /**
   * Starts the child for the first time; from the moment that it is ready it is started again
   * whenever it ends.
   * @throws Error with a sentence when it ends before it is ready, or is not ready in time.
   */
  async start(readyLimitMs: number): Promise<void> {
    this.#spawn();
    const end = await this.#untilReady(readyLimitMs);
    if (end !== "ready") {
      throw new Error(end);
    }
    void this.#keepRunning();
  }

  /** Asks the child to stop, and kills it when it does not. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#process;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      this.#update({ phase: "stopping" });
      child.kill("SIGTERM");
      const { stopLimitMs, name } = this.#plan;
      const limit = new AbortController();
      const late = sleep(stopLimitMs, "late", { signal: limit.signal }).catch(() => "");
      if ((await Promise.race([this.#exited, late])) === "late") {
        this.#dependencies.log(
          `The ${name} did not stop within ${stopLimitMs / 1000} s and is killed.`,
        );
        child.kill("SIGKILL");
        await this.#exited;
      }
      limit.abort();
    }
    this.#update({ phase: "stopped", process: null });
  }

  #spawn(): void {
    const { directory, checkout } = this.#dependencies;
    const output = this.#openOutput(getOutputFile(directory, this.#plan.name));
    const child = spawn(this.#plan.command, this.#plan.arguments, {
      cwd: checkout,
      env: childEnvironment(this.#plan.environment),
      stdio: ["ignore", output, output],
    });
    if (output !== "ignore") {
      closeSync(output);
    }
    this.#process = child;
    this.#exited = new Promise((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) =>
        resolve(`could not be started (${error.code})`),
      );
      child.once("exit", (code, signal) => resolve(describeExit(code, signal)));
    });
    const identity = child.pid === undefined ? undefined : readIdentity(child.pid);
    this.#update({
      phase: "starting",
      process: identity ?? null,
      startedAt: new Date().toISOString(),
    });
  }

  /** On a full disk the child runs all the same, and what it says is lost. */
  #openOutput(file: string): number | "ignore" {
    try {
      return openOutput(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.#dependencies.log(`${file} cannot be written (${code}): it stays as it is.`);
      return "ignore";
    }
  }

  /** "ready", or a sentence about how it came to nothing. */
  async #untilReady(limitMs: number): Promise<string> {
    const exited = this.#exited;
    let end: string | undefined;
    void exited.then((sentence) => {
      end = sentence;
    });
    const deadline = Date.now() + limitMs;
    while (end === undefined && Date.now() < deadline) {
      const answer = await probe(this.#plan.readyUrl);
      if (end === undefined && answer?.status === 200) {
        this.#update({ phase: "ready" });
        return "ready";
      }
      await Promise.race([exited, sleep(pollIntervalMs)]);
    }
    return end ?? `was not ready after ${limitMs / 1000} s`;
  }

  async #keepRunning(): Promise<void> {
    const { log } = this.#dependencies;
    const { name } = this.#plan;
    for (;;) {
      const sentence = await this.#exited;
      if (this.#stopping.signal.aborted) {
        return;
      }
      const ranForMs = Date.now() - Date.parse(this.#record.startedAt ?? "");
      if (ranForMs >= recoveredAfterMs) {
        this.#backoff.reset();
      }
      const delayMs = this.#backoff.nextDelayMs();
      this.#update({
        phase: "waiting",
        process: null,
        restarts: this.#record.restarts + 1,
        lastExit: { at: new Date().toISOString(), sentence },
      });
      const ran = `after ${(ranForMs / 1000).toFixed(1)} s`;
      log(`The ${name} ${sentence} ${ran}. It is started again in ${delayMs / 1000} s.`);
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) {
        return;
      }
      this.#spawn();
      void this.#untilReady(Number.POSITIVE_INFINITY).then((end) => {
        if (end === "ready") {
          log(`The ${name} is ready again.`);
        }
      });
    }
  }

  #update(change: Partial<ChildRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#dependencies.onChange();
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`;
}
