import type { Exception } from "@opentelemetry/api";
import { describeException } from "../logging/exception.ts";

const codeForm = /^[a-z][a-z0-9_]{0,63}$/;

/** What may be told of what a stage threw: nothing of its message, which may repeat content. */
export interface ThrownException {
  /** The stable code that our own errors carry, or `exception`. */
  readonly code: string;
  readonly exceptionType: string;
  readonly stackFrames: string;
}

export function describeThrown(thrown: unknown): ThrownException {
  const { exceptionCode = "", exceptionType, stackFrames } = describeException(thrown);
  return {
    code: codeForm.test(exceptionCode) ? exceptionCode : "exception",
    exceptionType,
    stackFrames,
  };
}

/** In the form that OpenTelemetry records; the code stands where the message would. */
export function toExceptionEvent(thrown: ThrownException): Exception {
  const { code, exceptionType, stackFrames } = thrown;
  const frames = stackFrames === "" ? [] : stackFrames.split("; ");
  const stack = frames.map((frame) => `    at ${frame}`).join("\n");
  return { name: exceptionType, message: code, stack };
}
