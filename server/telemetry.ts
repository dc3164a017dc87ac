/** Traces and log lines by any contract, for services in TypeScript: `miniserve/telemetry`. */
import type { Writable } from "node:stream";
import type { LogLevel } from "#contract";
import { createLogging, type Log, type LoggingOptions } from "./logging/index.ts";
import {
  activeSpanIds,
  type EndedRequest,
  type Environment,
  startTracing,
  type Tracing,
  type TracingContract,
} from "./tracing/index.ts";

export type { Log } from "./logging/index.ts";
export {
  type Done,
  type EndedRequest,
  type RequestEnd,
  type RequestStart,
  type RequestTrace,
  type StageTrace,
  TracingError,
} from "./tracing/index.ts";

/** A contract with `telemetryEvents` among its log events. */
export type TelemetryContract = TracingContract & {
  readonly logEvents: LoggingOptions["events"];
};

export interface TelemetryOptions {
  /** `process.env`: OpenTelemetry's variables say where the spans go. */
  readonly environment: Environment;
  readonly serviceVersion?: string;
  /** The lowest level that is written; `info` unless given. */
  readonly level?: LogLevel;
  /** A file for the lines; it is rotated. None unless given. */
  readonly logFile?: string;
  /** Where else the lines go: true, unless given, for the process's standard output. */
  readonly stdout?: boolean | Writable;
  /** Whether what a body threw means that the request was stopped from outside; never, unless given. */
  readonly isInterruption?: (thrown: unknown) => boolean;
  /** Hears of each request when all of it has ended. */
  readonly onRequestEnded?: (request: EndedRequest) => void;
}

export interface Telemetry extends Pick<Tracing, "traceRequest" | "statistics"> {
  /** Writes a log line of the contract, with the ids of the span that it is called in. */
  readonly log: Log;
  /** Sends what is left, for a bounded time, and writes what was logged. Never rejects. */
  shutdown(): Promise<{ readonly spansDropped: number }>;
}

const maxFileBytes = 10 * 1024 * 1024;
const maxFiles = 6;

/**
 * Starts the tracer and the logger of a process. Nothing that fails in them holds up a request.
 * @throws TracingError when they run already, or the exporter's variables cannot be used.
 */
export function startTelemetry(contract: TelemetryContract, options: TelemetryOptions): Telemetry {
  const { environment, serviceVersion = "", isInterruption = () => false } = options;
  const { level = "info", logFile, stdout = true, onRequestEnded } = options;
  const events = contract.logEvents;
  const files = { logFile, maxFileBytes, maxFiles };
  const logging = createLogging({ level, stdout, ...files, activeSpanIds, events });
  const tracing = startTracing(contract, {
    log: logging.log,
    serviceVersion,
    environment,
    isInterruption,
    ...(onRequestEnded === undefined ? {} : { onRequestEnded }),
  });
  return {
    traceRequest: tracing.traceRequest,
    statistics: tracing.statistics,
    log: logging.log,
    shutdown: async () => {
      const ended = await tracing.shutdown();
      await logging.close();
      return ended;
    },
  };
}
