import { sendText } from "../http-listener.ts";
import { isOutOfMemory } from "../store/index.ts";
import { QueryError } from "../traceql/index.ts";
import { ParameterError } from "./parameters.ts";
import { type QuerySlots, TooManyQueriesError } from "./query-slots.ts";
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
  if (response.headersSent) {
    // A part is on its way; that it ends without its end is all that can still be said.
    response.destroy();
    if (!signal.aborted) {
      options.onReadFailed(error);
    }
  } else if (error instanceof QueryError) {
    sendText(response, 400, `invalid TraceQL query: ${error.message}`);
  } else if (error instanceof ParameterError) {
    sendText(response, 400, error.message);
  } else if (error instanceof TooManyQueriesError) {
    response.setHeader("retry-after", "1");
    sendText(response, 429, error.message);
  } else if (signal.aborted) {
    const seconds = options.limits.queryMs / 1000;
    sendText(response, 504, `The query took longer than ${seconds} s and was ended. Ask for less.`);
  } else if (isOutOfMemory(error)) {
    options.onReadFailed(error);
    sendText(response, 422, tooMuchMemory);
  } else {
    options.onReadFailed(error);
    sendText(response, 503, "The store could not answer the query. Its log says why.");
  }
}

const tooMuchMemory =
  "This needs, with what else runs, more memory than the store may use. Ask again, or for less: a shorter range, fewer lists that are compared, groups by what has fewer values.";
