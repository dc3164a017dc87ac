import { types } from "node:util";
import { stackFrames } from "./stack-frames.ts";

/** What may be told of an exception. Never its message, which may repeat what a user typed. */
export interface ExceptionDescription {
  /** The name of its class; for a thrown value that is no object, the kind of value. */
  readonly exceptionType: string;
  /** The stable code, where it has one of the usual form: `ENOSPC`, `FST_ERR_VALIDATION`. */
  readonly exceptionCode?: string;
  readonly stackFrames: string;
}

const className = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

export function isException(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    // A proxy may refuse to say what it is.
    return false;
  }
}

export function describeException(error: unknown): ExceptionDescription {
  const exceptionCode = codeOf(error);
  return {
    exceptionType: classNameOf(error),
    ...(exceptionCode === undefined ? {} : { exceptionCode }),
    stackFrames: stackFrames(error),
  };
}

/** The class's own name, from its constructor: the property `name` of an error is data. */
export function classNameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return value === null ? "null" : typeof value;
  }
  try {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    return typeof name === "string" && className.test(name) ? name : "Object";
  } catch {
    return "Object";
  }
}

/** The code of an exception, or undefined when it has none or something else in its place. */
export function codeOf(error: unknown): string | undefined {
  try {
    const code = (error as { code?: unknown }).code;
    return typeof code === "string" && className.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
