import { readFileSync } from "node:fs";
import { logEvents } from "#miniserve";
import { parseLogLine, StackError } from "../../stack/index.ts";
import { freePorts } from "./bench-dir.ts";
import type { Bench } from "./bench-run.ts";
import { CompletionClient } from "./completion-client.ts";
import type { RunningProgram } from "./running-program.ts";

export interface ServerSetup {
  /** The model of the run, or the tiny one that the server generates. */
  readonly model: "real" | "tiny";
  readonly slots: number;
  /** Whether it traces and logs, as it does by default. */
  readonly observed: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

/** The server as a process of its own, its spans sent to the trace store of the run. */
export class MeasuredServer {
  readonly client: CompletionClient;
  readonly #program: RunningProgram;

  private constructor(program: RunningProgram, port: number) {
    this.#program = program;
    this.client = new CompletionClient(port);
  }

  static async start(bench: Bench, setup: ServerSetup): Promise<MeasuredServer> {
    const { workplace } = bench;
    const [port = 0] = await freePorts(1);
    const program = workplace.start({
      name: "server",
      file: "server/main.ts",
      environment: {
        MINISERVE_PORT: String(port),
        MINISERVE_SLOTS: String(setup.slots),
        MINISERVE_THREADS: String(bench.threads),
        MINISERVE_SLOT_TOKENS: String(bench.slotTokens),
        MINISERVE_PREFILL_CHUNK_TOKENS: String(bench.prefillChunkTokens),
        MINISERVE_GPU: bench.gpu,
        MINISERVE_INDEX_DOCS: "0",
        MINISERVE_INDEXES_DIRECTORY: workplace.path("indexes"),
        // In an empty folder, and without a network, there is only the tiny model.
        MINISERVE_OFFLINE: "1",
        MINISERVE_MODELS_DIRECTORY: workplace.path("models"),
        ...(setup.model === "real" ? { MINISERVE_MODEL: bench.modelPath } : {}),
        ...(setup.observed
          ? {
              MINISERVE_LOG_FILE: workplace.path("miniserve.log"),
              OTEL_EXPORTER_OTLP_ENDPOINT: bench.traceStoreUrl,
            }
          : { MINISERVE_LOG_FILE: "", MINISERVE_LOG_LEVEL: "fatal", OTEL_SDK_DISABLED: "true" }),
        ...setup.settings,
      },
    });
    await program.ready(`http://127.0.0.1:${port}/readyz`);
    return new MeasuredServer(program, port);
  }

  get pid(): number {
    return this.#program.pid;
  }

  /**
   * Stops it as an operator does.
   * @throws StackError when it had something to complain about, as spans that it lost: such a run is
   *   not the one that was to be measured.
   */
  async stop(): Promise<void> {
    this.client.close();
    await this.#program.stop();
    const complaints = complaintsIn(this.#program.outputFile);
    if (complaints.length === 0) {
      return;
    }
    throw new StackError("child_failed", {
      message: "The server complained while it was measured.",
      details: complaints.slice(0, 10),
    });
  }
}

/** Standard output has every line of the log, and unlike the log file it is never rotated. */
function complaintsIn(outputFile: string): string[] {
  return readFileSync(outputFile, "utf8")
    .split("\n")
    .filter((text) => {
      const line = text === "" ? undefined : parseLogLine(text);
      return (
        line !== undefined &&
        ["warn", "error", "fatal"].includes(line.level) &&
        // The tiny model is what was asked for.
        line.event !== logEvents.modelDegraded.name
      );
    });
}
