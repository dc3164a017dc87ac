import { StackError } from "../command/stack-error.ts";

export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text);
}

/**
 * A trace id as a person gave it, in the form of the store.
 * @throws StackError `usage_invalid`.
 */
export function parseTraceId(text: string): string {
  if (isTraceId(text)) {
    return text.toLowerCase();
  }
  throw new StackError({
    code: "usage_invalid",
    seen: "The trace id is not 32 hexadecimal digits.",
    action: "Every answer of the server has one in its header X-Trace-Id.",
    exitCode: 2,
  });
}

export function traceNotFound(traceId: string): StackError {
  return new StackError({
    code: "trace_not_found",
    seen: `The store has no trace ${traceId}.`,
    action: "A trace of a moment ago may need a second; one of another stack is not there.",
    exitCode: 1,
  });
}
