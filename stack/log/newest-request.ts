import { StackError } from "../command/stack-error.ts";
import { newestTraceId } from "./trace-lines.ts";

/**
 * The trace that a command means which was given none: that of the newest request in the server's log.
 * @throws StackError `nothing_logged`.
 */
export function newestRequest(logFile: string, command: string): string {
  const newest = newestTraceId(logFile);
  if (newest === undefined) {
    throw new StackError({
      code: "nothing_logged",
      seen: `${logFile} has no line of a request.`,
      action: `Send one, or name a trace: ${command} -- TRACE_ID`,
      exitCode: 1,
    });
  }
  return newest;
}
