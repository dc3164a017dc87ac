import { setTimeout as sleep } from "node:timers/promises";
import type { Contract, Span } from "#contract";
import {
  isAsContracted,
  type LogLine,
  lastLines,
  parseLogLine,
  type RunningStack,
  type SampleAnswer,
  StackError,
  sendSample,
  waitForTrace,
} from "../../stack/index.ts";

export interface MadeRequest {
  readonly name: string;
  readonly route: "/v1/completions" | "/v1/chat/completions";
  readonly streamed: boolean;
  readonly answer: SampleAnswer;
  /** The spans with its trace id, as far as they were there in time. */
  readonly spans: readonly Span[];
  /** From the end of the answer until the trace was whole, or until nobody waited any longer. */
  readonly readableAfterMs: number;
  /** The log lines with its trace id. */
  readonly lines: readonly LogLine[];
}

const samples = [
  { name: "a plain completion", route: "/v1/completions", streamed: false },
  { name: "a streamed chat", route: "/v1/chat/completions", streamed: true },
] as const;

const maxTokens = 24;
const traceLimitMs = 4_500;
const linesLimitMs = 2_000;
const asksEveryMs = 50;

/** Sends the requests one after the other, and collects what each leaves behind. */
export async function makeRequests(
  contract: Contract,
  stack: RunningStack,
  apiKey: string | undefined,
): Promise<MadeRequest[]> {
  const made: MadeRequest[] = [];
  for (const sample of samples) {
    const { serverUrl, tempoUrl } = stack;
    const answer = await sendSample({ serverUrl, apiKey, maxTokens, ...sample });
    const answered = performance.now();
    const spans = await fetchSpans(contract, tempoUrl, answer.traceId);
    const readableAfterMs = Math.round(performance.now() - answered);
    const lines = await readLines(stack.logFile, answer.traceId, spans.length > 0);
    made.push({ ...sample, answer, spans, readableAfterMs, lines });
  }
  return made;
}

async function fetchSpans(
  contract: Contract,
  tempoUrl: string,
  traceId: string | undefined,
): Promise<Span[]> {
  // An id of another form finds nothing, and is reported as what is wrong.
  return traceId === undefined || !/^[0-9a-f]{32}$/.test(traceId)
    ? []
    : await waitForTrace(tempoUrl, traceId, {
        limitMs: traceLimitMs,
        isComplete: (spans) => isAsContracted([contract], spans),
      });
}

/** The server does not wait for its log file, so the last lines may come a moment later. */
async function readLines(
  file: string,
  traceId: string | undefined,
  isExpected: boolean,
): Promise<LogLine[]> {
  const deadline = performance.now() + (isExpected ? linesLimitMs : 0);
  for (;;) {
    const lines = readLog(file)
      .map(parseLogLine)
      .filter((line) => line !== undefined && line.traceId === traceId);
    if (lines.length >= fewestLogLines || performance.now() >= deadline) {
      return lines.filter((line) => line !== undefined);
    }
    await sleep(asksEveryMs);
  }
}

/** As the lab has it; how many exactly depends on what the request asked for. */
export const fewestLogLines = 5;
export const mostLogLines = 10;

function readLog(file: string): string[] {
  try {
    return lastLines(file, Number.POSITIVE_INFINITY);
  } catch (error) {
    throw new StackError("file_unreadable", {
      message: `The server's log file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      hint: "Name it with --log-file.",
    });
  }
}
