import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { logEvents, miniserve } from "#contract";
import { readConfiguration } from "../../server/config.ts";
import { Application, type TimeLimitsMs } from "../../server/http/application.ts";
import { type Engine, loadEngine } from "../../server/llama/engine/index.ts";
import { createLogging, type Logging } from "../../server/logging/index.ts";
import { isInterruption } from "../../server/pipeline/interruption.ts";
import { activeSpanIds, startTracing, type Tracing } from "../../server/tracing/index.ts";
import { endlessModel } from "./model-files.ts";
import type { OtlpReceiver } from "./otlp-receiver.ts";
import type { LogLine } from "./server-process.ts";

export interface InProcessOptions {
  readonly receiver: OtlpReceiver;
  /** Stands between the server and the real engine. */
  readonly engine?: (real: Engine) => Engine;
  readonly timeLimitsMs?: TimeLimitsMs;
  readonly settings?: Readonly<Record<string, string>>;
}

interface Parts {
  readonly application: Application;
  readonly engine: Engine;
  readonly logging: Logging;
  readonly tracing: Tracing;
  readonly directory: string;
  readonly written: string[];
  readonly port: number;
}

/**
 * The server's parts, all real, put together in this process: for what no client can bring about, an
 * engine that throws among others. One at a time, because tracing belongs to the whole process.
 */
export class InProcessServer {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async start({
    receiver,
    engine: wrap = (real) => real,
    timeLimitsMs,
    settings = {},
  }: InProcessOptions): Promise<InProcessServer> {
    const directory = await mkdtemp(join(tmpdir(), "miniserve-parts-"));
    const modelPath = join(directory, "tiny.gguf");
    await writeFile(modelPath, endlessModel());
    // The SDK reads its variables from the process itself.
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.grpcEndpoint;
    process.env.OTEL_BSP_SCHEDULE_DELAY = "20";
    const configuration = configurationOf(settings);
    const written: string[] = [];
    const logging = createLogging({
      level: "debug",
      logFile: join(directory, "miniserve.log"),
      stdout: new Writable({
        write(chunk, _encoding, done) {
          written.push(String(chunk));
          done();
        },
      }),
      maxFileBytes: 10_000_000,
      maxFiles: 2,
      activeSpanIds,
      events: logEvents,
    });
    const tracing = startTracing(miniserve, {
      serviceVersion: "0123abc",
      environment: process.env,
      log: logging.log,
      isInterruption,
    });
    const engine = await loadEngine({
      modelPath,
      modelName: "tiny",
      slots: configuration.MINISERVE_SLOTS,
      contextTokens: configuration.MINISERVE_SLOT_TOKENS,
      queueLimit: configuration.MINISERVE_QUEUE_LIMIT,
      threads: "auto",
      gpu: false,
      prefillChunkTokens: configuration.MINISERVE_PREFILL_CHUNK_TOKENS,
    });
    const application = new Application({
      configuration,
      engine: wrap(engine),
      model: { source: "file", degraded: false },
      tracing,
      logging,
      ...(timeLimitsMs === undefined ? {} : { timeLimitsMs }),
    });
    const { port } = await application.listen();
    return new InProcessServer({
      application,
      engine,
      logging,
      tracing,
      directory,
      written,
      port,
    });
  }

  get port(): number {
    return this.#parts.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get text(): string {
    return this.#parts.written.join("");
  }

  get lines(): LogLine[] {
    return this.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as LogLine);
  }

  get requestsRunning(): number {
    return this.#parts.application.requestsRunning;
  }

  async stop(limitMs = 5_000): Promise<void> {
    const { application, tracing, engine, logging, directory } = this.#parts;
    await application.stop(limitMs);
    await tracing.shutdown();
    await engine.close();
    await logging.close();
    await rm(directory, { recursive: true });
  }
}

function configurationOf(settings: Readonly<Record<string, string>>) {
  const result = readConfiguration({ MINISERVE_PORT: "0", ...settings });
  if ("faults" in result) {
    throw new Error(JSON.stringify(result.faults));
  }
  return result.configuration;
}
