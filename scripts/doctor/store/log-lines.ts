import { settleMs } from "#contract";
import { logEvents } from "#miniserve";
import {
  fetchTrace,
  type LogLine,
  lastLines,
  parseLogLine,
  StackError,
} from "../../../stack/index.ts";
import { type Check, fine, type Seen, skipped } from "../check.ts";
import { Finding } from "../finding.ts";
import type { AskedStore } from "../subject.ts";

const linesLookedAt = 5_000;

/** The server's log against its traces: every line of a request names one, and it is stored. */
export function logLinesCheck(file: string, store: AskedStore, sinceSeconds: number): Check {
  return {
    name: "Log lines",
    why: "Without its trace id a line cannot be found from the trace, nor the trace from the line.",
    look: async () => {
      const lines = readLog(file)
        ?.map(parseLogLine)
        .filter((line) => line !== undefined);
      if (lines === undefined) {
        return skipped(`${file} is not there yet.`);
      }
      const fromMs = Date.now() - sinceSeconds * 1000;
      const ofRequests = lines.filter(
        (line) => isOfRequest(line) && Date.parse(line.time) > fromMs,
      );
      const findings = [
        ...withoutTrace(ofRequests, file),
        ...(await notStored(ofRequests, file, store)),
      ];
      return findings.length > 0
        ? findings
        : fine(`${ofRequests.length} lines of requests in ${file}, each with its trace id.`);
    },
  };
}

function readLog(file: string): string[] | undefined {
  try {
    return lastLines(file, linesLookedAt);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      return undefined;
    }
    throw new StackError("file_unreadable", {
      message: `The server's log file ${file} cannot be read (${code}).`,
      hint: "Name it with --log-file.",
    });
  }
}

const eventsOfRequests = new Set(
  Object.values(logEvents)
    .filter(({ span }) => span !== null)
    .map(({ name }) => name),
);

function isOfRequest({ event }: LogLine): boolean {
  return eventsOfRequests.has(event);
}

function withoutTrace(lines: readonly LogLine[], file: string): Seen[] {
  const found = lines.filter(({ traceId }) => traceId === undefined);
  const event = found.at(-1)?.event ?? "";
  return found.length === 0
    ? []
    : [new Finding("lines_without_trace", { count: found.length, file, event })];
}

/** Of the newest request, once its spans have had the time to arrive. */
async function notStored(
  lines: readonly LogLine[],
  file: string,
  { tempoUrl, authorization }: AskedStore,
): Promise<Seen[]> {
  const last = lines.findLast(({ event }) => event === logEvents.requestFinished.name);
  const traceId = last?.traceId;
  const isSettled = Date.parse(last?.time ?? "") < Date.now() - settleMs;
  if (!isSettled || traceId === undefined || !/^[0-9a-f]{32}$/.test(traceId)) {
    return [];
  }
  const spans = await fetchTrace(tempoUrl, traceId, authorization);
  return spans.length > 0 ? [] : [new Finding("trace_not_stored", { traceId, file })];
}
