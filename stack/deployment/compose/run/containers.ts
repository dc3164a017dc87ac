import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "../../../command/stack-error.ts";
import type { StackConfig } from "../../../config.ts";
import { probe } from "../../../state/probe.ts";
import { type CallEnd, call, type Engine, findEngine } from "./engine.ts";
import {
  composePath,
  getReadyUrls,
  prepareLogDirectory,
  projectEnvironment,
  projectName,
} from "./project.ts";

const stopLimitMs = 120_000;
/** Images are fetched on the first start. */
const startLimitMs = 900_000;
const pollIntervalMs = 500;
const shownLines = 20;

/** The containers of a stack. */
export class Containers {
  readonly #engine: Engine;
  readonly #config: StackConfig;

  private constructor(engine: Engine, config: StackConfig) {
    this.#engine = engine;
    this.#config = config;
  }

  /** @throws StackError `driver_unavailable`. */
  static async find(config: StackConfig): Promise<Containers> {
    const engine = await findEngine();
    if (engine === undefined) {
      throw new StackError("driver_unavailable");
    }
    return new Containers(engine, config);
  }

  get engine(): Engine {
    return this.#engine;
  }

  /**
   * Removes containers that a stack which was not stopped properly left behind. Data stay. The name
   * is of the stack's folder alone, and who calls has claimed that folder: they are nobody else's.
   */
  async clear(): Promise<void> {
    const { output } = await this.#compose(["ps", "--all", "--quiet"], stopLimitMs);
    if (output.trim() !== "") {
      await this.stop();
    }
  }

  /**
   * Starts all, and waits until all are ready.
   * @throws StackError `containers_failed`, or the signal's reason.
   */
  async start(
    say: (line: string) => void,
    { readyLimitMs, interruption }: { readyLimitMs: number; interruption: AbortSignal },
  ): Promise<void> {
    prepareLogDirectory(this.#config);
    say(`Starting the containers with ${this.#engine.command} compose ${this.#engine.version} ...`);
    const end = await this.#compose(["up", "--detach", "--quiet-pull"], startLimitMs, interruption);
    interruption.throwIfAborted();
    this.#require(end, "The containers could not be started.");
    const startedAt = performance.now();
    await Promise.all(
      Object.entries(getReadyUrls(this.#config)).map(async ([name, url]) => {
        const limitMs = readyLimitMs - (performance.now() - startedAt);
        await this.#waitFor(name, url, { limitMs, interruption });
        say(`  ${name.padEnd(10)} ready`);
      }),
    );
  }

  /** Stops and removes the containers; with `volumes`, also everything that they stored. */
  async stop({ volumes = false } = {}): Promise<void> {
    const words = ["down", "--remove-orphans", ...(volumes ? ["--volumes"] : [])];
    const end = await this.#compose(["--profile", "server", ...words], stopLimitMs);
    this.#require(end, "The containers could not be stopped.");
  }

  async #waitFor(
    name: string,
    url: string,
    { limitMs, interruption }: { limitMs: number; interruption: AbortSignal },
  ): Promise<void> {
    const giveUpAt = performance.now() + limitMs;
    while ((await probe(url))?.status !== 200) {
      interruption.throwIfAborted();
      if (performance.now() > giveUpAt) {
        const { output } = await this.#compose(
          ["logs", "--no-color", "--tail", "20", name],
          10_000,
        );
        throw new StackError("containers_failed", {
          message: `${name} is not ready in time: ${url} does not answer with 200.`,
          details: lastLines(output),
          hint: "Everything that was started is stopped again. --wait SECONDS gives it more time.",
        });
      }
      await sleep(pollIntervalMs);
    }
  }

  #compose(
    words: readonly string[],
    limitMs: number,
    interruption?: AbortSignal,
  ): Promise<CallEnd> {
    const project = ["compose", "--project-name", projectName(this.#config), "--file", composePath];
    return call(this.#engine.command, [...project, ...words], {
      limitMs,
      environment: projectEnvironment(this.#config),
      ...(interruption === undefined ? {} : { interruption }),
    });
  }

  #require({ exitCode, output }: CallEnd, message: string): void {
    if (exitCode !== 0) {
      throw new StackError("containers_failed", {
        message,
        details: lastLines(output),
        hint: `${this.#engine.command} compose --project-name ${projectName(this.#config)} ps --all says how they are.`,
      });
    }
  }
}

function lastLines(output: string): string[] {
  return output.trimEnd().split("\n").slice(-shownLines);
}
