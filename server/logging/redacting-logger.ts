import pino from "pino";
import { redact } from "./redact.ts";

export interface SpanIds {
  readonly trace_id: string;
  readonly span_id: string;
}

export interface RedactingLoggerOptions {
  readonly level: pino.LevelWithSilent;
  readonly destination: pino.DestinationStream;
  readonly activeSpanIds: () => SpanIds | undefined;
  /** What a call of a level's method is to write, or undefined to write nothing. */
  readonly lineOf?: (input: readonly unknown[]) => object | undefined;
  /** What a child may carry into its lines. */
  readonly bindingsOf?: (bindings: unknown) => object;
}

/**
 * A pino logger that cannot be made to write content by the ways round `formatters.log`: messages
 * are dropped, whether interpolated, prefixed or an error's; a child's bindings are redacted too,
 * and its options are ignored but for the level, because its formatters and serialisers would come
 * after the redactor.
 */
export function createRedactingLogger(options: RedactingLoggerOptions): pino.Logger {
  const lineOf = options.lineOf ?? firstObject;
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: timeField,
      // pino's own serialiser of errors writes their message.
      serializers: { err: (error: unknown) => error },
      formatters: { level: (level) => ({ level }), log: redact },
      mixin: () => idsOf(options.activeSpanIds),
      hooks: {
        logMethod(input, method) {
          const line = lineOf(input);
          if (line !== undefined) {
            method.call(this, line);
          }
        },
      },
    },
    options.destination,
  );
  return withSafeBindings(logger, options.bindingsOf ?? redact);
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

function idsOf(activeSpanIds: () => SpanIds | undefined): object {
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
function withSafeBindings(logger: pino.Logger, bindingsOf: (bindings: unknown) => object) {
  const { child, setBindings } = logger;
  const safeChild = function (this: pino.Logger, bindings: unknown, options?: { level?: string }) {
    const level = options?.level;
    return child.call(this, bindingsOf(bindings), level === undefined ? {} : { level });
  };
  const safeSetBindings = function (this: pino.Logger, bindings: unknown) {
    setBindings.call(this, bindingsOf(bindings));
  };
  return Object.assign(logger, {
    child: safeChild as typeof child,
    setBindings: safeSetBindings as typeof setBindings,
  });
}
