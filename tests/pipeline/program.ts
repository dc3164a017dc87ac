import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

const generated = resolve(import.meta.dirname, "../../stack/generated");
const startLimitMs = 30_000;
const stopLimitMs = 10_000;

/** The path of a generated file. */
export function generatedFile(name: string): string {
  return join(generated, name);
}

/** A folder that is gone after the test. */
export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-pipeline-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Ports that were free a moment ago, all of them different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((settle) => server.once("listening", settle));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((settle) => server.close(settle))));
  return ports;
}

/** A real Tempo or Collector, as a process of its own. */
export class Program {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = "";
  #hasEnded = false;

  private constructor(path: string, options: readonly string[], settings: Record<string, string>) {
    this.#child = spawn(path, options, { env: settings, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    this.#closed = new Promise((settle) => {
      for (const event of ["close", "error"]) {
        this.#child.once(event, () => {
          this.#hasEnded = true;
          settle(undefined);
        });
      }
    });
  }

  /**
   * Starts it, and waits until the address says that it is ready.
   * @throws Error with all that it wrote, when it ends before or the limit has passed.
   */
  static async start(options: {
    readonly path: string;
    readonly arguments: readonly string[];
    readonly settings: Record<string, string>;
    readonly readyAt: string;
  }): Promise<Program> {
    const program = new Program(options.path, options.arguments, options.settings);
    const giveUpAt = performance.now() + startLimitMs;
    while (!(await isReady(options.readyAt))) {
      if (program.#hasEnded || performance.now() > giveUpAt) {
        await program.kill();
        throw new Error(`${options.path} is not ready:\n${program.#output}`);
      }
      await delay(50);
    }
    return program;
  }

  /** Everything that it wrote. */
  get output(): string {
    return this.#output;
  }

  /** Ends it as an operator does, and kills it after a while. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await Promise.race([this.#closed, delay(stopLimitMs, undefined, { ref: false })]);
    await this.kill();
  }

  /** Ends it at once, as a machine that fails. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
