import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Generation } from "./generation.ts";

/** Every one leaves its modules in the memory of the process. */
const generationsAProcess = 100;
/** From where on it is said that it takes long. On a busy machine it does, so nothing is given up. */
const usualSlowMs = 10_000;
const stopLimitMs = 2_000;

export interface GeneratorOptions {
  readonly checkout: string;
  /** For temporary files, below the checkout's `node_modules`. */
  readonly folder: string;
  /** Takes what the process, or what it runs, writes: a line at a time. */
  readonly onOutput: (line: string) => void;
  readonly slowMs?: number;
}

/** Generates as often as it is asked to, in a process that is kept warm and replaced when it must be. */
export class Generator {
  readonly #options: GeneratorOptions;
  #child: ChildProcess | undefined;
  #count = 0;
  #abandon: (() => void) | undefined;
  #isSlow = false;

  constructor(options: GeneratorOptions) {
    this.#options = options;
  }

  /**
   * What the files would be by the sources as they are now. One at a time.
   * @param onSlow told again and again how many seconds it has taken so far, when that is long.
   */
  async generate(onSlow: (seconds: number) => void): Promise<Generation> {
    if (this.#child?.connected === false) {
      this.#child = undefined;
    }
    this.#child ??= this.#start();
    const child = this.#child;
    const slowMs = this.#options.slowMs ?? usualSlowMs;
    const started = performance.now();
    const timer = setInterval(() => {
      this.#isSlow = true;
      onSlow(Math.round((performance.now() - started) / 1000));
    }, slowMs);
    const { promise, resolve } = Promise.withResolvers<Generation>();
    this.#abandon = () => resolve({ problems: [] });
    const onExit = (code: number | null, signal: string | null) => {
      const message = `The process that generates ended by itself (${signal ?? `exit code ${code}`}).`;
      resolve({ problems: [problemWithoutPlace(message)] });
    };
    const onMessage = (message: unknown) => resolve(message as Generation);
    // Without memory for a process there is none that could end.
    const onError = () => (child.pid === undefined ? onExit(null, null) : undefined);
    child.once("exit", onExit).once("message", onMessage).on("error", onError);
    child.send("generate");
    const generation = await promise;
    clearInterval(timer);
    child.off("exit", onExit).off("message", onMessage).off("error", onError);
    this.#isSlow = false;
    this.#abandon = undefined;
    this.#count += 1;
    const isBroken = "problems" in generation && generation.problems[0]?.file === undefined;
    if (isBroken || this.#count >= generationsAProcess) {
      await this.#stop();
    }
    return generation;
  }

  /** Gives up what takes long: there is something newer to generate. It may never have ended. */
  startAnew(): void {
    if (this.#isSlow) {
      this.#abandon?.();
    }
  }

  async close(): Promise<void> {
    this.#abandon?.();
    await this.#stop();
  }

  /** It stops the bundler first, which would complain at length of a process that is gone. */
  async #stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#count = 0;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    if (child.connected) {
      child.disconnect();
    }
    // What never ends hears nothing.
    const timer = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
    await ended;
    clearTimeout(timer);
  }

  #start(): ChildProcess {
    const program = join(import.meta.dirname, "generate-process.ts");
    const { checkout, folder, onOutput } = this.#options;
    const child = fork(program, [checkout, folder], {
      cwd: checkout,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Ctrl-C is for the preview alone, which ends it in order.
      detached: true,
    });
    // A process that is gone cannot be told, and both ends may close the channel at once: its exit says it all.
    child.on("error", () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) {
        createInterface({ input: stream }).on("line", (line) => {
          if (this.#child === child) onOutput(line);
        });
      }
    }
    return child;
  }
}

function problemWithoutPlace(message: string) {
  const nowhere = { file: undefined, line: undefined, column: undefined, source: undefined };
  return { kind: "generation", message, ...nowhere } as const;
}
