import { trace } from "@opentelemetry/api";
import type { SpanDefinition } from "#contract";
import type { Log } from "../logging/index.ts";
import type { EndedRequest } from "./ended-request.ts";
import type { Environment } from "./environment.ts";
import type { ServiceScope } from "./request-scope.ts";
import type { Done, RequestStart, RequestTrace } from "./request-trace.ts";
import { type DeliveryRetry, type DeliveryStatistics, SpanDelivery } from "./span-delivery.ts";
import { traceRequest } from "./trace-request.ts";
import type { TracingContract } from "./tracing-contract.ts";
import { TracingError } from "./tracing-error.ts";

export interface TracingOptions {
  readonly log: Log;
  readonly serviceVersion: string;
  /** The environment of this process; parts of it the SDK reads by itself. */
  readonly environment: Environment;
  /** Whether what a body threw means that the request was stopped from outside. */
  readonly isInterruption: (thrown: unknown) => boolean;
  /** Hears of each request when all of it has ended. */
  readonly onRequestEnded?: (request: EndedRequest) => void;
  /** How spans are kept while no collector takes them. */
  readonly retry?: DeliveryRetry;
}

export interface TracingStatistics extends DeliveryStatistics {
  /** Values and spans that the contract does not allow, and that were left out. */
  readonly contractViolations: number;
}

export interface Tracing {
  /**
   * Runs a request: the root span is open and active while `body` runs, which is called at once.
   * @throws whatever `body` throws, unchanged, after the root has ended with what `onThrow` gives.
   */
  traceRequest<Root extends SpanDefinition, Result>(
    root: Root,
    start: RequestStart<Root>,
    body: (request: RequestTrace<Root>) => Promise<Done<Root, Result>>,
  ): Promise<Result>;
  statistics(): TracingStatistics;
  /** Sends what is left, for a bounded time, and says how many spans were lost in all. Never rejects. */
  shutdown(): Promise<{ readonly spansDropped: number }>;
}

/** OpenTelemetry's provider, propagator and context belong to the whole process. */
let isStarted = false;

/**
 * Starts tracing by a contract. A collector that is slow, hung or not there never holds up a request.
 * @throws TracingError when tracing runs already, or the exporter's variables cannot be used.
 */
export function startTracing(contract: TracingContract, options: TracingOptions): Tracing {
  if (isStarted) {
    throw new TracingError("tracing_already_started");
  }
  const delivery = new SpanDelivery(contract, options);
  isStarted = true;
  let contractViolations = 0;
  const service: ServiceScope = {
    contract,
    tracer: trace.getTracer(contract.tracerName),
    log: options.log,
    // A contract without outcomes knows only requests that are whole and requests that failed.
    isInterruption: contract.outcomes === undefined ? () => false : options.isInterruption,
    countViolation: () => {
      contractViolations += 1;
    },
    onRequestEnded: options.onRequestEnded ?? (() => undefined),
  };
  const stop = async () => {
    const spansDropped = await delivery.stop();
    isStarted = false;
    return { spansDropped };
  };
  let stopping: ReturnType<typeof stop> | undefined;
  return {
    traceRequest: (root, start, body) => traceRequest(service, root, start, body),
    statistics: () => ({ ...delivery.statistics, contractViolations }),
    shutdown: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
