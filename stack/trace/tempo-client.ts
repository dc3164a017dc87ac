import { setTimeout as sleep } from "node:timers/promises";
import {
  type Contract,
  judgeServices,
  readOtlpJson,
  type Span,
  shortText,
  type Violation,
} from "#contract";
import { StackError } from "../command/stack-error.ts";

const asksEveryMs = 50;
const answerLimitMs = 5_000;

/**
 * The spans of a trace from Tempo's API, none when the store has no such trace.
 * @param authorization what it is asked with, where it needs that.
 * @throws StackError `store_unreachable` when the store does not answer as Tempo does.
 */
export async function fetchTrace(
  tempoUrl: string,
  traceId: string,
  authorization?: string,
): Promise<Span[]> {
  const response = await ask(`${tempoUrl}/api/v2/traces/${traceId}`, authorization);
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
  const { ok, status } = await ask(`${url}/api/echo`, authorization);
  if (!ok) {
    throw unreachable(url, `it answered ${status} to /api/echo`);
  }
}

async function ask(url: string, authorization?: string): Promise<Response> {
  const headers = authorizationHeader(authorization);
  try {
    // A redirection to a page for signing in would look like an answer.
    const redirect = "manual";
    return await fetch(url, { headers, redirect, signal: AbortSignal.timeout(answerLimitMs) });
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    throw unreachable(new URL(url).origin, cause?.code ?? (error as Error).name);
  }
}

/** The header to ask with, where there is something to put into it. */
export function authorizationHeader(authorization: string | undefined): Record<string, string> {
  return authorization === undefined ? {} : { authorization };
}

function unreachable(tempoUrl: string, reason: string): StackError {
  return new StackError("store_unreachable", { address: tempoUrl, reason });
}

/** A trace that holds a request and breaks no rule. */
export function isAsContracted(contracts: readonly Contract[], spans: readonly Span[]): boolean {
  const { requests, violations } = judgeServices(contracts, spans);
  return requests.length > 0 && violations.length === 0;
}

/** A violation in a line. */
export function formatViolation({ rule, spanName, spanId, seen, expected }: Violation): string {
  return `${shortText(spanName)} (${spanId}) ${rule}: ${shortText(seen)}, expected ${expected}`;
}

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
  throw new StackError("usage_invalid", {
    message: "The trace id is not 32 hexadecimal digits.",
    hint: "Every answer of the server has one in its header X-Trace-Id.",
  });
}

export function traceNotFound(traceId: string): StackError {
  return new StackError("trace_not_found", { traceId });
}
