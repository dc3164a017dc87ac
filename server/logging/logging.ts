import type { Writable } from "node:stream";
import type { FastifyBaseLogger } from "fastify";
import type { LogLevel } from "#contract";
import { contractLine, type FieldFault } from "./contract-line.ts";
import { createLibraryLogger } from "./library-logger.ts";
import type { Log } from "./log.ts";
import { Outputs } from "./outputs.ts";
import { type LoggingEvents, ownLines } from "./own-lines.ts";
import { createRedactingLogger, type SpanIds } from "./redacting-logger.ts";

export interface LoggingOptions {
  /** The lowest level that is written. Libraries are heard from `warn` on at most. */
  readonly level: LogLevel;
  /** Where the lines go besides `stdout`; its folder is made when there is none. */
  readonly logFile: string | undefined;
  /** True for the process's standard output. */
  readonly stdout: boolean | Writable;
  readonly maxFileBytes: number;
  /** How many files are kept, the live one included. */
  readonly maxFiles: number;
  /** Who may read the file; its owner alone unless given. */
  readonly fileMode?: number | undefined;
  /** The ids of the span that the calling code runs in. */
  readonly activeSpanIds: () => SpanIds | undefined;
  /** The contract's events for what logging has to say of itself and of libraries. */
  readonly events: LoggingEvents;
}

export interface LoggingStatistics {
  /** Fields that were left out of a line, because their event does not take them. */
  readonly fieldsDropped: number;
  /** Lines that an output did not take, by output. */
  readonly linesDropped: { readonly file: number; readonly stdout: number };
}

export interface Logging {
  readonly log: Log;
  /** The same for the last line before `process.exit`: it is on disk when the call returns. */
  readonly logFinal: Log;
  /** For Fastify's `loggerInstance`. It tells an exception's class, code and frames, and no words. */
  readonly fastifyLogger: FastifyBaseLogger;
  readonly statistics: () => LoggingStatistics;
  /** Waits until every line has left the process. Lines that come later are still written. */
  readonly close: () => Promise<void>;
}

/**
 * The logs of a service: one JSON object a line, to standard output and to a rotated file. Nothing
 * here throws, and no output that fails stops the others.
 */
export function createLogging(options: LoggingOptions): Logging {
  let fieldsDropped = 0;
  const own = ownLines(options.events, (event, fields) => log(event, fields));
  const outputs = new Outputs(options, own);
  const common = { destination: outputs, activeSpanIds: options.activeSpanIds };
  const logger = createRedactingLogger({
    ...common,
    level: options.level,
    lineOf: ([line]) => line as object,
  });
  const report = (fault: FieldFault): void => {
    fieldsDropped++;
    own.fieldDropped(fault);
  };
  const log: Log = (event, fields) => {
    if (logger.isLevelEnabled(event.level)) {
      logger[event.level](contractLine(event, fields as object, report));
    }
  };
  const { libraryMessage } = options.events;
  const fastifyLogger = createLibraryLogger({
    ...common,
    level: atLeastWarn(options.level),
    lineOf: (exception) =>
      contractLine(libraryMessage, { library: "fastify", ...exception }, report),
  });
  outputs.open();
  return {
    log,
    logFinal: (event, fields) => {
      log(event, fields);
      outputs.sync();
    },
    fastifyLogger,
    statistics: () => ({ fieldsDropped, linesDropped: outputs.linesDropped() }),
    close: () => outputs.close(),
  };
}

function atLeastWarn(level: LogLevel): LogLevel {
  return level === "debug" || level === "info" ? "warn" : level;
}
