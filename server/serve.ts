import { execFileSync } from "node:child_process";
import { metrics as declared, logEvents, miniserve } from "#miniserve";
import type { Configuration } from "./config.ts";
import { Application } from "./http/application.ts";
import {
  type Engine,
  loadEngineOn,
  type NativeBackend,
  openNativeBackend,
} from "./llama/engine/index.ts";
import { type ResolvedModel, resolveModel } from "./llama/models/index.ts";
import type { Log, Logging } from "./logging/index.ts";
import { type Metrics, measureRequest, startMetrics } from "./metrics/index.ts";
import { isInterruption } from "./pipeline/job.ts";
import type { Retriever } from "./retrieval/index.ts";
import { startRetrieval } from "./start-retrieval.ts";
import { type Environment, startTracing, type Tracing } from "./tracing/index.ts";

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  readonly requestsRunning: number;
  /** Lets running requests finish up to the configured limit, and sends the last spans. */
  stop(): Promise<void>;
}

/**
 * Starts all parts in the order in which they need each other: tracing, model, engine, HTTP.
 * The signal ends the search for the model; what comes after it is short.
 * @throws the signal's reason, ModelError, EngineError, or what the operating system says of the port.
 */
export async function serve(
  configuration: Configuration,
  logging: Logging,
  signal: AbortSignal,
): Promise<RunningServer> {
  const { log } = logging;
  log(logEvents.serverStarting, {});
  const observation = startObservation({
    serviceVersion: serviceVersion(),
    environment: configuration.environment,
    log,
  });
  const model = await resolveModel(modelOptions(configuration), {
    signal,
    onStep: ({ source, status, detail }) => {
      log(logEvents.modelPreparing, { modelSource: source, reason: `${status}: ${detail}` });
    },
  });
  signal.throwIfAborted();
  const { engine, backend } = await load(configuration, logging, model);
  const { retriever, startProjectIndex } = await startRetrieval(
    configuration,
    backend,
    log,
    signal,
  );
  const { degraded, source } = model;
  const application = new Application({
    configuration,
    engine,
    retriever,
    model: { source, degraded },
    tracing: observation.tracing,
    metrics: observation.metrics,
    logging,
  });
  observeSlots(observation.metrics, engine);
  const { host, port } = await application.listen();
  log(logEvents.serverListening, { host, port });
  if (!isLoopback(host) && configuration.MINISERVE_API_KEY === "") {
    log(logEvents.serverExposed, { host, action: "Set MINISERVE_API_KEY." });
  }
  startProjectIndex();
  const limitMs = configuration.MINISERVE_SHUTDOWN_LIMIT_MS;
  return {
    host,
    port,
    get requestsRunning() {
      return application.requestsRunning;
    },
    stop: () => stop(application, { engine, retriever, observation, limitMs }),
  };
}

/** What the search for the model needs of the configuration. */
export function modelOptions(configuration: Configuration) {
  return {
    model: configuration.MINISERVE_MODEL || undefined,
    modelsDirectory: configuration.MINISERVE_MODELS_DIRECTORY,
    offline: configuration.MINISERVE_OFFLINE,
    environment: configuration.environment,
  };
}

async function load(
  configuration: Configuration,
  { log }: Logging,
  model: ResolvedModel,
): Promise<{ engine: Engine; backend: NativeBackend }> {
  const startedAt = performance.now();
  const gpu = configuration.MINISERVE_GPU;
  let isLoading = true;
  const backend = await openNativeBackend({
    threads: configuration.MINISERVE_THREADS,
    gpu: gpu === "off" ? false : gpu,
    onNativeLog: (_level, message) => {
      // Of a file it may say what it likes. Of requests it says nothing that we know to be no content.
      if (isLoading) {
        log(logEvents.engineMessage, { reason: asSentence(message) });
      }
    },
  });
  const options = {
    modelPath: model.path,
    modelName: model.name,
    slots: configuration.MINISERVE_SLOTS,
    contextTokens: configuration.MINISERVE_SLOT_TOKENS,
    queueLimit: configuration.MINISERVE_QUEUE_LIMIT,
    prefillChunkTokens: configuration.MINISERVE_PREFILL_CHUNK_TOKENS,
  };
  const close = (): Promise<void> => backend.llama.dispose();
  const engine = await loadEngineOn(backend, options, close).catch(async (error: unknown) => {
    // What llama.cpp has to say of the model comes through before it is closed.
    await close();
    throw error;
  });
  isLoading = false;
  log(logEvents.modelLoaded, {
    model: engine.modelName,
    modelSource: model.source,
    modelSizeBytes: model.sizeBytes,
    degraded: model.degraded,
    slots: engine.slotCount,
    slotWindowTokens: engine.contextTokens,
    threads: engine.threads,
    durationMs: Math.round(performance.now() - startedAt),
  });
  if (engine.contextTokens < configuration.MINISERVE_SLOT_TOKENS) {
    log(logEvents.slotReduced, {
      slotWindowTokens: engine.contextTokens,
      action: "Set MINISERVE_SLOT_TOKENS to no more than the model was trained for.",
    });
  }
  if (model.degraded) {
    log(logEvents.modelDegraded, {
      model: engine.modelName,
      reason: model.degradedReason ?? "No source had the model.",
      action: "Give the server a network, or set MINISERVE_MODEL to a GGUF file.",
    });
  }
  return { engine, backend };
}

/** On one line, and no longer than a line of the log takes. */
function asSentence(message: string): string {
  return (
    message
      .replaceAll(/\p{Cc}+/gu, " ")
      .trim()
      .slice(0, 500) || "No words."
  );
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

/** The other way round: no requests, then no spans and metrics, then no model. */
async function stop(
  application: Application,
  {
    engine,
    retriever,
    observation,
    limitMs,
  }: { engine: Engine; retriever: Retriever; observation: Observation; limitMs: number },
): Promise<void> {
  await application.stop(limitMs);
  await observation.shutdown();
  await retriever.close();
  await engine.close();
}

/** What `service.version` says when nobody can tell: a copy without its history, or no git. */
const versionWithoutGit = "unknown-without-git";

/** The commit that this code was checked out from, as git names it. */
function serviceVersion(): string {
  try {
    const sha = execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 2_000,
    }).trim();
    return /^[0-9a-f]{40,64}$/.test(sha) ? sha : versionWithoutGit;
  } catch {
    return versionWithoutGit;
  }
}

interface ObservationOptions {
  readonly log: Log;
  readonly serviceVersion: string;
  /** The environment of this process; parts of it the SDK reads by itself. */
  readonly environment: Environment;
}

/** Spans, and what is measured besides them. */
export interface Observation {
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  /** Sends what is left of both, for a bounded time. Never rejects. */
  shutdown(): Promise<void>;
}

/**
 * Starts tracing and, from the same spans, metrics.
 * @throws TracingError when tracing runs already, or the exporter's variables cannot be used.
 */
export function startObservation(options: ObservationOptions): Observation {
  // Tracing first: where it cannot start, nothing else must be left running.
  const tracing = startTracing(miniserve, {
    ...options,
    isInterruption,
    onRequestEnded: (request) => measureRequest(metrics, request),
  });
  const metrics = startMetrics(miniserve, options);
  metrics.observe(declared.spansEnded, () => tracing.statistics().spansEnded);
  metrics.observe(declared.spansAccepted, () => tracing.statistics().spansAccepted);
  metrics.observe(declared.exportsFailed, () => tracing.statistics().exportsFailed);
  metrics.observe(declared.spansDropped, () => tracing.statistics().spansDropped);
  return {
    tracing,
    metrics,
    shutdown: async () => {
      // The spans first: how many of them were lost is one of the metrics.
      await tracing.shutdown();
      await metrics.shutdown();
    },
  };
}

/** What the metrics say of the model's slots, looked up whenever somebody reads them. */
export function observeSlots(metrics: Metrics, engine: Engine): void {
  metrics.observe(declared.queueDepth, () => engine.status().queueLength);
  metrics.observe(declared.slotsUsed, () => engine.status().slotsBusy);
  metrics.observe(declared.slotsLimit, () => engine.slotCount);
}
