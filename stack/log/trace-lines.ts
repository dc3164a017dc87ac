import { lastLines } from "./log-file.ts";
import { parseLogLine } from "./log-line.ts";

/** The lines of a trace in the server's log; none when there is no log. */
export function linesOfTrace(file: string, traceId: string): string[] {
  return linesIn(file).filter((line) => parseLogLine(line)?.traceId === traceId);
}

/** The trace of the last line that is of one. */
export function newestTraceId(file: string): string | undefined {
  const last = linesIn(file).findLast((line) => parseLogLine(line)?.traceId !== undefined);
  return last === undefined ? undefined : parseLogLine(last)?.traceId;
}

function linesIn(file: string): string[] {
  try {
    return lastLines(file, Number.POSITIVE_INFINITY);
  } catch {
    return [];
  }
}
