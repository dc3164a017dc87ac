import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { logEvents } from "#miniserve";
import type { OtlpReceiver } from "./otlp-receiver.ts";
import { patienceMs } from "./patience.ts";

const repository = join(import.meta.dirname, "../..");

/** A line as it was written, its fields under their wire names. */
export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly event: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly [field: string]: unknown;
}

export interface ServerOptions {
  /** MINISERVE_* and OTEL_* variables on top of those that every test needs. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where the spans go; without one nothing is traced. */
  readonly receiver?: Pick<OtlpReceiver, "grpcEndpoint">;
  /** The bytes of a model file; without them the server generates its stand-in. */
  readonly model?: Uint8Array;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The real server in a process of its own, on a port that is free, with folders of its own. */
export class ServerProcess {
  readonly directory: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exited: Promise<Exit>;
  #exit: Exit | undefined;
  #stdout = "";
  #stderr = "";
  readonly #killWithUs = (): void => void this.#child.kill("SIGKILL");

  private constructor(directory: string, environment: Record<string, string>) {
    this.directory = directory;
    this.#child = spawn(process.execPath, ["server/main.ts"], {
      cwd: repository,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.on("exit", this.#killWithUs);
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  /** Starts the process and does not wait for anything. */
  static async launch(options: ServerOptions = {}): Promise<ServerProcess> {
    const directory = await mkdtemp(join(tmpdir(), "miniserve-server-"));
    const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
    const modelPath = join(directory, "model.gguf");
    if (options.model !== undefined) {
      await writeFile(modelPath, options.model);
    }
    return new ServerProcess(directory, {
      PATH,
      HOME,
      NODE_COMPILE_CACHE,
      MINISERVE_PORT: "0",
      MINISERVE_OFFLINE: "1",
      MINISERVE_MODELS_DIRECTORY: join(directory, "models"),
      MINISERVE_INDEXES_DIRECTORY: join(directory, "indexes"),
      // It would work in the background while something else is tested.
      MINISERVE_INDEX_DOCS: "0",
      MINISERVE_LOG_FILE: join(directory, "miniserve.log"),
      // Spans are asked for as soon as their request is over.
      OTEL_BSP_SCHEDULE_DELAY: "20",
      ...(options.model === undefined ? {} : { MINISERVE_MODEL: modelPath }),
      ...(options.receiver === undefined
        ? { OTEL_SDK_DISABLED: "true" }
        : { OTEL_EXPORTER_OTLP_ENDPOINT: options.receiver.grpcEndpoint }),
      ...options.settings,
    });
  }

  /** Starts the process and waits until it takes requests. */
  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const server = await ServerProcess.launch(options);
    try {
      await server.waitForLine("the server to listen", isListening);
      return server;
    } catch (error) {
      await server.dispose();
      throw error;
    }
  }

  get port(): number {
    return Number(this.lines.find(isListening)?.port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  /** Everything that was written to standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The log as it is on standard output. */
  get lines(): LogLine[] {
    return parseLines(this.#stdout);
  }

  /** The log as it is in the file. */
  get fileText(): string {
    const path = join(this.directory, "miniserve.log");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  get fileLines(): LogLine[] {
    return parseLines(this.fileText);
  }

  /**
   * Waits for a line on standard output.
   * @throws Error with all that was written, after the limit or when the process ends without it.
   */
  async waitForLine(
    what: string,
    isIt: (line: LogLine) => boolean,
    limitMs = patienceMs,
  ): Promise<LogLine> {
    const giveUpAt = performance.now() + limitMs;
    for (;;) {
      const found = this.lines.find(isIt);
      if (found !== undefined) {
        return found;
      }
      if (this.#exit !== undefined || performance.now() > giveUpAt) {
        const end = JSON.stringify(this.#exit ?? "still running");
        throw new Error(`Waited for ${what} (${end}):\n${this.#stdout}${this.#stderr}`);
      }
      await delay(5);
    }
  }

  /** Sends a signal and returns at once. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the end of the process. @throws Error after the limit. */
  async exit(limitMs = patienceMs): Promise<Exit> {
    const end = await Promise.race([this.#exited, delay(limitMs, undefined, { ref: false })]);
    if (end === undefined) {
      throw new Error(`The server still runs after ${limitMs} ms:\n${this.#stdout}`);
    }
    return end;
  }

  /** Stops the server as an operator does. */
  async stop(): Promise<Exit> {
    this.signal("SIGTERM");
    return await this.exit();
  }

  /** Ends the process whatever it does, and removes its folders. */
  async dispose(): Promise<void> {
    if (this.#exit === undefined) {
      this.#child.kill("SIGKILL");
      await this.#exited;
    }
    process.off("exit", this.#killWithUs);
    await rm(this.directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

function isListening({ event }: LogLine): boolean {
  return event === logEvents.serverListening.name;
}

/** The last piece may be half a line. */
function parseLines(text: string): LogLine[] {
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LogLine);
}
