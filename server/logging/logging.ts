import type { Writable } from "node:stream";
import pino from "pino";
import type { LogLevel } from "#contract";
import { contractLine, type FieldFault, type LoggingEvents, ownLines } from "./contract-line.ts";
import { describeException, type ExceptionDescription, isException } from "./exception.ts";
import type { Log } from "./log.ts";
import { Outputs } from "./outputs.ts";
import { redact } from "./redact.ts";

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

interface LoggingStatistics {
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
  readonly fastifyLogger: pino.Logger;
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
    formatLine: ([line]) => line as object,
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
    formatLine: (exception) =>
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

interface LibraryLoggerOptions
  extends Omit<RedactingLoggerOptions, "formatLine" | "redactBindings"> {
  /** The line for what a library logged: of its exception, or undefined when it gave none. */
  readonly formatLine: (exception: ExceptionDescription | undefined) => object;
}

/**
 * A pino logger for a library. Whatever it is called with, a line says only the level and what may
 * be told of the exception among the arguments: a library's messages, bindings and objects (Fastify
 * gives whole requests, with their addresses and bodies) may all repeat what a user typed.
 */
function createLibraryLogger(options: LibraryLoggerOptions) {
  return createRedactingLogger({
    ...options,
    formatLine: (input) => options.formatLine(exceptionIn(input)),
    redactBindings: () => ({}),
  });
}

function exceptionIn(input: readonly unknown[]): ExceptionDescription | undefined {
  const exception = input.flatMap((value) => [value, ...listInnerErrors(value)]).find(isException);
  return exception && describeException(exception);
}

/** Where pino's users put an exception that is not the first argument. */
function listInnerErrors(value: unknown): unknown[] {
  try {
    const { err, error } = value as { err?: unknown; error?: unknown };
    return [err, error];
  } catch {
    return [];
  }
}

interface SpanIds {
  readonly trace_id: string;
  readonly span_id: string;
}

interface RedactingLoggerOptions {
  readonly level: pino.LevelWithSilent;
  readonly destination: pino.DestinationStream;
  readonly activeSpanIds: () => SpanIds | undefined;
  /** What a call of a level's method is to write, or undefined to write nothing. */
  readonly formatLine?: (input: readonly unknown[]) => object | undefined;
  /** What a child may carry into its lines. */
  readonly redactBindings?: (bindings: unknown) => object;
}

/**
 * A pino logger that cannot be made to write content by the ways round `formatters.log`: messages
 * are dropped, whether interpolated, prefixed or an error's; a child's bindings are redacted too,
 * and its options are ignored but for the level, because its formatters and serialisers would come
 * after the redactor.
 */
export function createRedactingLogger(options: RedactingLoggerOptions): pino.Logger {
  const formatLine = options.formatLine ?? firstObject;
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: timeField,
      // pino's own serialiser of errors writes their message.
      serializers: { err: (error: unknown) => error },
      formatters: { level: (level) => ({ level }), log: redact },
      mixin: () => readSpanIds(options.activeSpanIds),
      hooks: {
        logMethod(input, method) {
          const line = formatLine(input);
          if (line !== undefined) {
            method.call(this, line);
          }
        },
      },
    },
    options.destination,
  );
  return withSafeBindings(logger, options.redactBindings ?? redact);
}

let knownSecond = Number.NaN;
let beginOfSecond = "";

/** As pino's isoTime writes it; but writing a whole date anew costs more than the rest of a line. */
function timeField(): string {
  const nowMs = Date.now();
  const second = Math.floor(nowMs / 1000);
  if (second !== knownSecond) {
    knownSecond = second;
    beginOfSecond = new Date(second * 1000).toISOString().slice(0, -"000Z".length);
  }
  return `,"time":"${beginOfSecond}${String(nowMs % 1000).padStart(3, "0")}Z"`;
}

function firstObject(input: readonly unknown[]): object {
  const [first] = input;
  // A copy without accessors and errors: pino looks for an error in it and takes its message.
  return typeof first === "object" && first !== null ? redact(first) : {};
}

function readSpanIds(activeSpanIds: () => SpanIds | undefined): object {
  try {
    const ids = activeSpanIds();
    // A fresh object: pino adds the line to it.
    return ids === undefined ? {} : { trace_id: ids.trace_id, span_id: ids.span_id };
  } catch {
    // A line without ids is better than a request that fails for its log.
    return {};
  }
}

/** Children inherit these from their parent, and so do their children. */
function withSafeBindings(logger: pino.Logger, makeSafe: (bindings: unknown) => object) {
  const { child, setBindings } = logger;
  const safeChild = function (this: pino.Logger, bindings: unknown, options?: { level?: string }) {
    const level = options?.level;
    return child.call(this, makeSafe(bindings), level === undefined ? {} : { level });
  };
  const safeSetBindings = function (this: pino.Logger, bindings: unknown) {
    setBindings.call(this, makeSafe(bindings));
  };
  return Object.assign(logger, {
    child: safeChild as typeof child,
    setBindings: safeSetBindings as typeof setBindings,
  });
}
