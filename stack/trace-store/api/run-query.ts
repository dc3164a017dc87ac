import { sendText } from "../http-listener.ts";
import { isOutOfMemory } from "../store/index.ts";
import { QueryError } from "../traceql/index.ts";
import type { QuerySlots } from "./query-slots.ts";
import { ReadError } from "./read-error.ts";
import { type ApiAnswer, type ApiRequest, sendAnswer } from "./request.ts";

/** Runs a query in its turn and sends what it gives; otherwise as `runGuarded`. */
export function runQuery(
  request: ApiRequest,
  query: (signal: AbortSignal) => Promise<ApiAnswer>,
): Promise<void> {
  return runGuarded(request, request.slots, async (signal) => {
    const answer = await query(signal);
    return () => sendAnswer(request, answer);
  });
}

/**
 * Runs work on the store in its turn and then sends what comes of it, or says in a text what is
 * wrong. A client that leaves, or the limit of time, ends a query in the database too.
 * @param work Gives what sends the answer, which no longer holds a place.
 */
export async function runGuarded(
  request: ApiRequest,
  slots: QuerySlots,
  work: (signal: AbortSignal) => Promise<() => Promise<void>>,
): Promise<void> {
  const { response, options } = request;
  const left = new AbortController();
  response.once("close", () => left.abort());
  const limit = AbortSignal.timeout(options.limits.queryMs);
  const signal = AbortSignal.any([left.signal, limit]);
  try {
    const sendIt = await slots.run(() => work(signal), signal);
    await sendIt();
  } catch (error) {
    if (!left.signal.aborted) {
      refuse(request, error, signal);
    }
  }
}

function refuse({ response, options }: ApiRequest, error: unknown, signal: AbortSignal): void {
  const answer = toReadError(error, signal, options.limits.queryMs / 1000);
  if (answer.is("read_failed") || answer.is("memory_exceeded")) {
    options.onReadFailed(error);
  }
  if (response.headersSent) {
    // A part is on its way; that it ends without its end is all that can still be said.
    response.destroy();
    return;
  }
  if (answer.is("too_many_queries")) {
    response.setHeader("retry-after", "1");
  }
  sendText(response, answer.status, answer.toText());
}

function toReadError(error: unknown, signal: AbortSignal, seconds: number): ReadError {
  if (error instanceof ReadError) {
    return error;
  }
  if (error instanceof QueryError) {
    return new ReadError("query_invalid", { fault: error.message });
  }
  if (signal.aborted) {
    return new ReadError("query_timeout", { seconds });
  }
  return new ReadError(isOutOfMemory(error) ? "memory_exceeded" : "read_failed");
}
