import type { ExceptionDescription } from "./exception.ts";
import { describeException, isException } from "./exception.ts";
import { createRedactingLogger, type RedactingLoggerOptions } from "./redacting-logger.ts";

interface LibraryLoggerOptions extends Omit<RedactingLoggerOptions, "lineOf" | "bindingsOf"> {
  /** The line for what a library logged: of its exception, or undefined when it gave none. */
  readonly lineOf: (exception: ExceptionDescription | undefined) => object;
}

/**
 * A pino logger for a library. Whatever it is called with, a line says only the level and what may
 * be told of the exception among the arguments: a library's messages, bindings and objects (Fastify
 * gives whole requests, with their addresses and bodies) may all repeat what a user typed.
 */
export function createLibraryLogger(options: LibraryLoggerOptions) {
  return createRedactingLogger({
    ...options,
    lineOf: (input) => options.lineOf(exceptionIn(input)),
    bindingsOf: () => ({}),
  });
}

function exceptionIn(input: readonly unknown[]): ExceptionDescription | undefined {
  const exception = input.flatMap((value) => [value, ...innerOf(value)]).find(isException);
  return exception && describeException(exception);
}

/** Where pino's users put an exception that is not the first argument. */
function innerOf(value: unknown): unknown[] {
  try {
    const { err, error } = value as { err?: unknown; error?: unknown };
    return [err, error];
  } catch {
    return [];
  }
}
