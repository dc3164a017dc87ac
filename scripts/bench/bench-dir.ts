import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Program, RunningProgram } from "./running-program.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The folder and the processes of one run. Whatever becomes of the run, a signal or a defect, they are
 * gone after it.
 */
export class BenchDir {
  readonly #directory = mkdtempSync(join(tmpdir(), "miniserve-bench-"));
  readonly #environment: Environment;
  readonly #programs: RunningProgram[] = [];
  #names = 0;
  readonly #clear = (): void => {
    for (const { child, isRunning } of this.#programs) {
      if (isRunning) {
        child.kill("SIGKILL");
      }
    }
    rmSync(this.#directory, { recursive: true, force: true });
  };
  readonly #interrupt = (): void => process.exit(130);

  /** @param environment What all programs get, but for what would decide what is measured. */
  constructor(environment: Environment) {
    this.#environment = Object.fromEntries(
      Object.entries(environment).filter(([name]) => !/^(MINISERVE|OTEL)_/.test(name)),
    );
    process.on("exit", this.#clear);
    for (const signal of signals) {
      process.on(signal, this.#interrupt);
    }
  }

  /** The processes that run now. */
  get pids(): number[] {
    return this.#programs.filter(({ isRunning }) => isRunning).map(({ pid }) => pid);
  }

  /** A path that nothing else in this run has. */
  path(name: string): string {
    this.#names += 1;
    return join(this.#directory, `${this.#names}-${name}`);
  }

  start(program: Omit<Program, "outputFile">): RunningProgram {
    const running = new RunningProgram({
      ...program,
      environment: { ...this.#environment, ...program.environment },
      outputFile: this.path("output.log"),
    });
    this.#programs.push(running);
    return running;
  }

  close(): void {
    process.off("exit", this.#clear);
    for (const signal of signals) {
      process.off(signal, this.#interrupt);
    }
    this.#clear();
  }
}

/** So many ports of loopback that are free now, each another. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
