import { context, type DiagLogger, DiagLogLevel, diag } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { AlwaysOnSampler, BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { type Contract, maxTextCharacters } from "#contract";
import type { Log } from "../logging/index.ts";
import { type Environment, readEnvNumber, readEnvText } from "./environment.ts";
import type { RetryingExporter } from "./retrying-exporter.ts";
import type { TracingContract } from "./tracing-contract.ts";

/** Spans reach the collector within a second, so that a trace can be read when its answer is. */
const scheduleDelayMs = 200;
const maxQueuedSpans = 2048;
const maxBatchSpans = 512;

const lengthLimits = [
  "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
  "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
];

export function readMaxBatchSpans(environment: Environment): number {
  return readEnvNumber(environment, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", maxBatchSpans);
}

/** As NodeSDK makes one from OTEL_BSP_*, but with a delay of our own when none is set. */
export function createBatchProcessor(
  exporter: RetryingExporter,
  environment: Environment,
): SpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    maxQueueSize: readEnvNumber(environment, "OTEL_BSP_MAX_QUEUE_SIZE", maxQueuedSpans),
    maxExportBatchSize: readMaxBatchSpans(environment),
    scheduledDelayMillis: readEnvNumber(environment, "OTEL_BSP_SCHEDULE_DELAY", scheduleDelayMs),
    exportTimeoutMillis: readEnvNumber(environment, "OTEL_BSP_EXPORT_TIMEOUT", 30_000),
  });
}

interface ProviderOptions {
  readonly contract: TracingContract;
  readonly serviceVersion: string;
  readonly environment: Environment;
  readonly spanProcessors: SpanProcessor[];
  readonly diagnostics: Diagnostics;
}

/**
 * Registers OpenTelemetry's globals: NodeSDK with traces and nothing else. Limits and sampler are the
 * environment's; without them texts are cut at what the pipeline takes, and everything is sampled, also
 * for callers that do not sample themselves.
 * @returns What flushes and stops the span processors.
 */
export function startProvider(options: ProviderOptions): () => Promise<void> {
  const { contract, serviceVersion, environment, spanProcessors } = options;
  const contextManager = new AsyncLocalStorageContextManager();
  if (readEnvText(environment, "OTEL_SDK_DISABLED")?.toLowerCase() === "true") {
    // NodeSDK then registers nothing at all, and log lines would lose their request.
    context.setGlobalContextManager(contextManager);
    return async () => undefined;
  }
  const exportsNothing = readEnvText(environment, "OTEL_TRACES_EXPORTER") === "none";
  const configuration: Partial<NodeSDKConfiguration> = {
    contextManager,
    textMapPropagator: new W3CTraceContextPropagator(),
    resource: createResource(contract, serviceVersion),
    // The default detectors would send the name of the machine, its owner and the command line.
    resourceDetectors: [resourceAttributesEnvDetector, serviceNameEnvDetector],
    spanProcessors: exportsNothing ? [] : spanProcessors,
    metricReaders: [],
    logRecordProcessors: [],
    ...(lengthLimits.every((variable) => readEnvText(environment, variable) === undefined)
      ? { spanLimits: { attributeValueLengthLimit: maxTextCharacters } }
      : {}),
    ...(readEnvText(environment, "OTEL_TRACES_SAMPLER") === undefined
      ? { sampler: new AlwaysOnSampler() }
      : {}),
  };
  const sdk = options.diagnostics.keepDuring(() => new NodeSDK(configuration));
  sdk.start();
  return () => sdk.shutdown();
}

const maxLines = 100;
const maxCharacters = 500;

/** What OpenTelemetry has to say: refused spans, a full queue, variables that it cannot read. */
export class Diagnostics {
  readonly #logger: DiagLogger;

  constructor(contract: TracingContract, log: Log) {
    const told = new Set<string>();
    const tell = (...parts: unknown[]) => {
      const reason = toSentence(parts);
      // Many are about one span. Each kind is told once, whatever numbers are in it.
      const kind = reason.replaceAll(/[0-9a-f]{8,}|\d+/g, "");
      if (!told.has(kind) && told.size < maxLines) {
        told.add(kind);
        log(contract.logEvents.tracingMessage, { reason });
      }
    };
    const ignore = () => undefined;
    this.#logger = { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore };
  }

  listen(): void {
    diag.setLogger(this.#logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  }

  /**
   * Runs what would put a logger of its own in this one's place: NodeSDK, when OTEL_LOG_LEVEL is set,
   * one that writes to the console, among the lines of the log.
   */
  keepDuring<Result>(work: () => Result): Result {
    const { setLogger } = diag;
    diag.setLogger = () => false;
    try {
      return work();
    } finally {
      diag.setLogger = setLogger;
    }
  }

  stop(): void {
    diag.disable();
  }
}

/** Errors and objects are left out: only words of the library's own are repeated. */
function toSentence(parts: readonly unknown[]): string {
  const [line = ""] = parts
    .filter((part) => typeof part === "string")
    .join(" ")
    .split("\n");
  return line.replaceAll(/\p{Cc}/gu, " ").slice(0, maxCharacters) || "It did not say what.";
}

/**
 * Who sends the spans: what the contract declares, and nothing about the machine. What the environment
 * says in OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES is put over it by the SDK.
 */
export function createResource({ resource }: Contract, serviceVersion: string): Resource {
  const values: Readonly<Record<string, string>> = { ...resource.defaults, serviceVersion };
  return resourceFromAttributes(
    Object.fromEntries(
      Object.entries(resource.attributes).flatMap(([identifier, { key }]) => {
        const value = values[identifier];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
  );
}
