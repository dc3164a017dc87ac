import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { logEvents } from "#miniserve";
import { checkout, childEnvironment, parseLogLine, StackError } from "../../stack/index.ts";
import { awaitedLater, type Target } from "./client.ts";

type Settings = Readonly<Record<string, string>>;

const startLimitMs = 60_000;

/**
 * A second server, which the demo may hold up, overload and kill. It has one slot, the generated model and folders of
 * its own, and sends its spans to the same store, as another build of the same service.
 */
export class OwnServer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, () => void>();
  readonly #stop = new AbortController();
  #url = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on("line", (text) => this.#read(text));
    child.once("exit", () => this.#stop.abort());
    process.once("exit", () => child.kill("SIGKILL"));
  }

  /** @throws StackError `demo_server_failed` when it does not start. */
  static async start(settings: Settings): Promise<OwnServer> {
    const child = spawn(process.execPath, ["server/main.ts"], {
      cwd: checkout,
      env: childEnvironment(settings),
      stdio: ["ignore", "pipe", "ignore"],
    });
    const server = new OwnServer(child);
    const ready = server.event(logEvents.serverListening.name);
    const isReady = await Promise.race([
      ready.then(() => true),
      once(child, "exit").then(() => false),
      sleep(startLimitMs, false, { ref: false }),
    ]);
    if (!isReady) {
      child.kill("SIGKILL");
      throw new StackError("demo_server_failed");
    }
    return server;
  }

  target(signal: AbortSignal): Target {
    // What still runs when the process ends gets no answer.
    return {
      serverUrl: this.#url,
      apiKey: undefined,
      signal: AbortSignal.any([signal, this.#stop.signal]),
    };
  }

  /** The next line with that event; also resolves when the request is over, which may have had no such line. */
  async event(name: string, request?: Promise<unknown>): Promise<void> {
    const seen = new Promise<void>((resolve) => this.#waiting.set(name, resolve));
    await Promise.race([seen, request?.then(ignore, ignore) ?? seen]);
  }

  /**
   * Stops the whole process for a while, or several, when it has come so far with requests.
   * @param from a line that it writes, or milliseconds after the request was sent
   * @returns what the requests answer
   */
  async heldUp<Answers>(
    from: string | number,
    pausesMs: number | readonly number[],
    request: Promise<Answers>,
  ): Promise<Answers> {
    const answers = awaitedLater(request);
    await (typeof from === "string" ? this.event(from, answers) : sleep(from));
    for (const milliseconds of [pausesMs].flat()) {
      this.#child.kill("SIGSTOP");
      await sleep(milliseconds);
      this.#child.kill("SIGCONT");
      // Between two pauses it comes a little further.
      await sleep(1);
    }
    return await answers;
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, "exit");
      this.#child.kill("SIGCONT");
      this.#child.kill(signal);
      await gone;
    }
  }

  #read(text: string): void {
    const { event, fields } = parseLogLine(text) ?? {};
    if (event === logEvents.serverListening.name) {
      this.#url = `http://127.0.0.1:${fields?.port}`;
    }
    this.#waiting.get(event ?? "")?.();
    this.#waiting.delete(event ?? "");
  }
}

function ignore(): void {
  // Whoever waits for the request is told how it ended.
}

/** Where the own servers keep their models and indexes. */
export class OwnFolders {
  readonly root = mkdtempSync(join(tmpdir(), "miniserve-demo-"));
  readonly settings: Settings = {
    MINISERVE_OFFLINE: "1",
    MINISERVE_MODEL: "",
    MINISERVE_MODELS_DIRECTORY: join(this.root, "models"),
    MINISERVE_INDEXES_DIRECTORY: join(this.root, "indexes"),
  };

  constructor() {
    process.once("exit", () => this.remove());
  }

  /** Builds an index as a person does. */
  async buildIndex(name: string, text: string): Promise<void> {
    const documents = join(this.root, "documents");
    mkdirSync(documents, { recursive: true });
    const file = join(documents, `${name}.md`);
    writeFileSync(file, text);
    await promisify(execFile)(process.execPath, ["scripts/index-documents.ts", name, file], {
      cwd: checkout,
      env: childEnvironment(this.settings),
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
