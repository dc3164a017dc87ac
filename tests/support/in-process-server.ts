import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { logEvents } from "#miniserve";
import { readConfiguration } from "../../server/config.ts";
import { Application } from "../../server/http/application.ts";
import { type Embedder, loadEmbedder } from "../../server/llama/embedding/index.ts";
import { type Engine, loadEngineOn, openNativeBackend } from "../../server/llama/engine/index.ts";
import { resolveEmbeddingModel } from "../../server/llama/models/index.ts";
import { createLogging, type Logging } from "../../server/logging/index.ts";
import { IndexCatalogue, type ProjectIndex, Retriever } from "../../server/retrieval/index.ts";
import { type Observation, observeSlots, startObservation } from "../../server/serve.ts";
import { activeSpanIds, type Tracing } from "../../server/tracing/index.ts";
import { endlessModel } from "./model-files.ts";
import type { OtlpReceiver } from "./otlp-receiver.ts";
import type { LogLine } from "./server-process.ts";

export interface InProcessOptions {
  readonly receiver: OtlpReceiver;
  /** Stands between the server and the real engine. */
  readonly engine?: (real: Engine) => Engine;
  /** Stands between the server and the real embedding model. */
  readonly embedder?: (real: Embedder) => Embedder;
  /** Stands between the server and the real search. */
  readonly retriever?: (real: Retriever) => Retriever;
  /** The index of the project's documentation; without it there is none. */
  readonly project?: (parts: { catalogue: IndexCatalogue; embedder: Embedder }) => ProjectIndex;
  readonly settings?: Readonly<Record<string, string>>;
}

interface Parts {
  readonly application: Application;
  readonly engine: Engine;
  readonly embedder: Embedder;
  readonly retriever: Retriever;
  readonly logging: Logging;
  readonly observation: Observation;
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
  readonly #lines: LogLine[] = [];
  #piecesRead = 0;
  #stopping: Promise<void> | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async start({
    receiver,
    engine: wrap = (real) => real,
    embedder: wrapEmbedder = (real) => real,
    retriever: wrapRetriever = (real) => real,
    project,
    settings = {},
  }: InProcessOptions): Promise<InProcessServer> {
    const directory = await mkdtemp(join(tmpdir(), "miniserve-parts-"));
    const modelPath = join(directory, "tiny.gguf");
    await writeFile(modelPath, endlessModel());
    // The SDK reads its variables from the process itself.
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.grpcEndpoint;
    process.env.OTEL_BSP_SCHEDULE_DELAY = "20";
    // The receiver has this thread too: on a busy machine two seconds are no sign that it hangs, and
    // what was sent again would be there twice.
    process.env.OTEL_EXPORTER_OTLP_TIMEOUT = "60000";
    const indexesDirectory = join(directory, "indexes");
    const configuration = createConfiguration({
      MINISERVE_INDEXES_DIRECTORY: indexesDirectory,
      ...settings,
    });
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
    const observation = startObservation({
      serviceVersion: "0123abc",
      environment: process.env,
      log: logging.log,
    });
    const { tracing, metrics } = observation;
    const backend = await openNativeBackend({ threads: "auto", gpu: false });
    const engineOptions = {
      modelPath,
      modelName: "tiny",
      slots: configuration.MINISERVE_SLOTS,
      contextTokens: configuration.MINISERVE_SLOT_TOKENS,
      queueLimit: configuration.MINISERVE_QUEUE_LIMIT,
      prefillChunkTokens: configuration.MINISERVE_PREFILL_CHUNK_TOKENS,
    };
    const engine = await loadEngineOn(backend, engineOptions, () => backend.llama.dispose());
    const models = { modelsDirectory: directory, offline: true, environment: {} };
    const embedder = await loadEmbedder(backend, await resolveEmbeddingModel(models));
    const catalogue = new IndexCatalogue(indexesDirectory);
    const retriever = new Retriever({
      catalogue,
      embedder: wrapEmbedder(embedder),
      project: project?.({ catalogue, embedder }),
    });
    const application = new Application({
      configuration,
      engine: wrap(engine),
      retriever: wrapRetriever(retriever),
      model: { source: "file", degraded: false },
      tracing,
      metrics,
      logging,
    });
    observeSlots(metrics, engine);
    const { port } = await application.listen();
    return new InProcessServer({
      application,
      engine,
      embedder,
      retriever,
      logging,
      observation,
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

  get lines(): readonly LogLine[] {
    // Each piece that is written is whole lines; those of a long run are not read again and again.
    const unread = this.#parts.written.slice(this.#piecesRead).join("");
    this.#piecesRead = this.#parts.written.length;
    for (const line of unread.split("\n")) {
      if (line !== "") {
        this.#lines.push(JSON.parse(line) as LogLine);
      }
    }
    return this.#lines;
  }

  /** What tracing did with the spans, also after the stop. */
  get statistics(): ReturnType<Tracing["statistics"]> {
    return this.#parts.observation.tracing.statistics();
  }

  get engineStatus(): ReturnType<Engine["status"]> {
    return this.#parts.engine.status();
  }

  get fileText(): string {
    return readFileSync(join(this.#parts.directory, "miniserve.log"), "utf8");
  }

  /** The real one, to make indexes with. */
  get embedder(): Embedder {
    return this.#parts.embedder;
  }

  get indexesDirectory(): string {
    return join(this.#parts.directory, "indexes");
  }

  get requestsRunning(): number {
    return this.#parts.application.requestsRunning;
  }

  /** Safe any number of times; the first decides about the limit. */
  stop(limitMs = 5_000): Promise<void> {
    this.#stopping ??= this.#stop(limitMs);
    return this.#stopping;
  }

  async #stop(limitMs: number): Promise<void> {
    const { application, observation, engine, retriever, logging, directory } = this.#parts;
    await application.stop(limitMs);
    await observation.shutdown();
    await retriever.close();
    await engine.close();
    await logging.close();
    await rm(directory, { recursive: true });
  }
}

function createConfiguration(settings: Readonly<Record<string, string>>) {
  const result = readConfiguration({ MINISERVE_PORT: "0", ...settings });
  if ("faults" in result) {
    throw new Error(JSON.stringify(result.faults));
  }
  return result.configuration;
}
