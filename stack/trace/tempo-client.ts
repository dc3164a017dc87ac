import { setTimeout as sleep } from "node:timers/promises";
import { readOtlpJson, type Span } from "#contract";
import { StackError } from "../command/stack-error.ts";

const asksEveryMs = 50;
const answerLimitMs = 5_000;

/**
 * The spans of a trace from Tempo's API, none when the store has no such trace.
 * @throws StackError `store_unreachable` when the store does not answer as Tempo does.
 */
export async function fetchTrace(tempoUrl: string, traceId: string): Promise<Span[]> {
  const response = await ask(`${tempoUrl}/api/v2/traces/${traceId}`);
  if (response.status === 404) {
    return [];
  }
  if (response.status !== 200) {
    throw unreachable(tempoUrl, `it answered ${response.status}`);
  }
  const document: unknown = await response.json().catch(() => undefined);
  const { spans, faults } = readOtlpJson(document);
  if (faults.length > 0) {
    const [first] = faults;
    throw unreachable(tempoUrl, `${first?.path} is ${first?.seen}, not ${first?.expected}`);
  }
  return spans;
}

/**
 * Asks for a trace until it is as it should be, or the limit has passed: spans of one trace arrive
 * in several batches. Returns what was there last, also when that is nothing.
 */
export async function waitForTrace(
  tempoUrl: string,
  traceId: string,
  options: { readonly limitMs: number; readonly isComplete: (spans: readonly Span[]) => boolean },
): Promise<Span[]> {
  const deadline = performance.now() + options.limitMs;
  for (;;) {
    const spans = await fetchTrace(tempoUrl, traceId);
    if (options.isComplete(spans) || performance.now() >= deadline) {
      return spans;
    }
    await sleep(asksEveryMs);
  }
}

/**
 * Asks whether there is a Tempo.
 * @param authorization what it is asked with, where it needs that.
 * @throws StackError `store_unreachable`.
 */
export async function requireTempo(url: string, authorization?: string): Promise<void> {
  const headers = authorization === undefined ? {} : { authorization };
  const { ok, status } = await ask(`${url}/api/echo`, headers);
  if (!ok) {
    throw unreachable(url, `it answered ${status} to /api/echo`);
  }
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  try {
    // A redirection to a page for signing in would look like an answer.
    const redirect = "manual";
    return await fetch(url, { headers, redirect, signal: AbortSignal.timeout(answerLimitMs) });
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    throw unreachable(new URL(url).origin, cause?.code ?? (error as Error).name);
  }
}

function unreachable(tempoUrl: string, reason: string): StackError {
  return new StackError({
    code: "store_unreachable",
    seen: `The trace store at ${tempoUrl} cannot be used: ${reason}.`,
    action: "Is it running? npm run stack:status says.",
    exitCode: 2,
  });
}
