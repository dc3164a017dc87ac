import { context, logs, propagation, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Log } from "../logging/index.ts";
import { DeliveryLog } from "./delivery-log.ts";
import { type Environment, readEnvText, unsupportedVariables } from "./environment.ts";
import { createBatchProcessor, Diagnostics, readMaxBatchSpans, startProvider } from "./provider.ts";
import { RetryingExporter, type RetryOptions } from "./retrying-exporter.ts";
import { SpanCounter } from "./span-counter.ts";
import type { TracingContract } from "./tracing-contract.ts";
import { TracingError } from "./tracing-error.ts";

export type DeliveryRetry = Partial<Omit<RetryOptions, "maxBatchSpans">>;

interface DeliveryOptions {
  readonly log: Log;
  readonly serviceVersion: string;
  readonly environment: Environment;
  readonly retry?: DeliveryRetry;
}

export interface DeliveryStatistics {
  /** Sampled spans that have ended. */
  readonly spansEnded: number;
  /** Of these, acknowledged by a collector. */
  readonly spansAccepted: number;
  /** Of these, given up. */
  readonly spansDropped: number;
  /** Exports that were not taken; most of them are tried again. */
  readonly exportsFailed: number;
}

const defaultRetry: Required<DeliveryRetry> = {
  maxSpans: 20_000,
  shutdownMs: 3_000,
  firstDelayMs: 250,
  maxDelayMs: 5_000,
  maxBatchAgeMs: 300_000,
};

/** The way of a span from its end to a collector, with OpenTelemetry's globals that lead there. */
export class SpanDelivery {
  readonly #log: DeliveryLog;
  readonly #diagnostics: Diagnostics;
  readonly #exporter: RetryingExporter;
  readonly #counter = new SpanCounter();
  readonly #stopProvider: () => Promise<void>;
  #droppedAtTheEnd: number | undefined;

  /** @throws TracingError when the exporter's variables cannot be used. */
  constructor(contract: TracingContract, options: DeliveryOptions) {
    const { log, serviceVersion, environment, retry } = options;
    this.#log = new DeliveryLog(contract, log);
    this.#diagnostics = new Diagnostics(contract, log);
    this.#diagnostics.listen();
    for (const reason of unsupportedVariables(environment)) {
      log(contract.logEvents.tracingMessage, { reason });
    }
    this.#exporter = new RetryingExporter(
      (connection) => connectToCollector(connection, environment),
      this.#log,
      { ...defaultRetry, ...retry, maxBatchSpans: readMaxBatchSpans(environment) },
    );
    this.#stopProvider = startProvider({
      contract,
      serviceVersion,
      environment,
      spanProcessors: [this.#counter, createBatchProcessor(this.#exporter, environment)],
      diagnostics: this.#diagnostics,
    });
  }

  get statistics(): DeliveryStatistics {
    return {
      spansEnded: this.#counter.ended,
      spansAccepted: this.#exporter.accepted,
      spansDropped: this.#droppedAtTheEnd ?? this.#exporter.dropped,
      exportsFailed: this.#exporter.failures,
    };
  }

  /** Sends what is left, for a bounded time. Never rejects. @returns the number of spans lost in all. */
  async stop(): Promise<number> {
    // It rejects when the last export failed, which has been told already.
    await this.#stopProvider().catch(() => undefined);
    // With what the batch processor could not queue, which only shows now that it is empty.
    const spansDropped = this.#counter.ended - this.#exporter.accepted;
    this.#droppedAtTheEnd = spansDropped;
    this.#log.stopped(spansDropped);
    trace.disable();
    propagation.disable();
    logs.disable();
    context.disable();
    this.#diagnostics.stop();
    return spansDropped;
  }
}

/** A collector that hangs would otherwise hold up everything behind it for ten seconds. */
const timeoutMs = 2_000;

/**
 * The stock exporter on a connection of its own: OTLP over gRPC to `http://localhost:4317`, or what the
 * OTEL_EXPORTER_OTLP_* variables say. gRPC shares connections, and their back-off, between channels
 * with equal options. The user agent is the one option that the exporter lets us choose, so each
 * connection after the first has a name of its own.
 * @throws TracingError when the variables hold an address that is none.
 */
function connectToCollector(connection: number, environment: Environment): SpanExporter {
  const isTimeoutSet = ["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"].some(
    (name) => readEnvText(environment, name) !== undefined,
  );
  try {
    return new OTLPTraceExporter({
      ...(isTimeoutSet ? {} : { timeoutMillis: timeoutMs }),
      ...(connection === 1 ? {} : { userAgent: `connection/${connection}` }),
    });
  } catch (error) {
    throw new TracingError("otlp_exporter_invalid", { cause: error });
  }
}
