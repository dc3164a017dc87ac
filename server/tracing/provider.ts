import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { resourceAttributesEnvDetector, serviceNameEnvDetector } from "@opentelemetry/resources";
import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { AlwaysOnSampler, BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { maxTextCharacters } from "#contract";
import type { Diagnostics } from "./diagnostics.ts";
import { type Environment, numberOf, textOf } from "./environment.ts";
import { resourceOf } from "./resource.ts";
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

export function maxBatchSpansOf(environment: Environment): number {
  return numberOf(environment, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", maxBatchSpans);
}

/** As NodeSDK makes one from OTEL_BSP_*, but with a delay of our own when none is set. */
export function createBatchProcessor(
  exporter: RetryingExporter,
  environment: Environment,
): SpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    maxQueueSize: numberOf(environment, "OTEL_BSP_MAX_QUEUE_SIZE", maxQueuedSpans),
    maxExportBatchSize: maxBatchSpansOf(environment),
    scheduledDelayMillis: numberOf(environment, "OTEL_BSP_SCHEDULE_DELAY", scheduleDelayMs),
    exportTimeoutMillis: numberOf(environment, "OTEL_BSP_EXPORT_TIMEOUT", 30_000),
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
  if (textOf(environment, "OTEL_SDK_DISABLED")?.toLowerCase() === "true") {
    // NodeSDK then registers nothing at all, and log lines would lose their request.
    context.setGlobalContextManager(contextManager);
    return async () => undefined;
  }
  const exportsNothing = textOf(environment, "OTEL_TRACES_EXPORTER") === "none";
  const configuration: Partial<NodeSDKConfiguration> = {
    contextManager,
    textMapPropagator: new W3CTraceContextPropagator(),
    resource: resourceOf(contract, serviceVersion),
    // The default detectors would send the name of the machine, its owner and the command line.
    resourceDetectors: [resourceAttributesEnvDetector, serviceNameEnvDetector],
    spanProcessors: exportsNothing ? [] : spanProcessors,
    metricReaders: [],
    logRecordProcessors: [],
    ...(lengthLimits.every((variable) => textOf(environment, variable) === undefined)
      ? { spanLimits: { attributeValueLengthLimit: maxTextCharacters } }
      : {}),
    ...(textOf(environment, "OTEL_TRACES_SAMPLER") === undefined
      ? { sampler: new AlwaysOnSampler() }
      : {}),
  };
  const sdk = options.diagnostics.keepDuring(() => new NodeSDK(configuration));
  sdk.start();
  return () => sdk.shutdown();
}
