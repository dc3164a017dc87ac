import type { Span } from "#contract";
import { resourceSpansText } from "#contract";
import { send } from "../http-listener.ts";
import { Parameters } from "./parameters.ts";
import { type ApiAnswer, type ApiRequest, sendAnswer } from "./request.ts";
import { runGuarded } from "./run-query.ts";
import { encodeTrace, encodeTraceById } from "./trace-protobuf.ts";

/** The spans of a trace, some at a time. */
type TraceParts = AsyncIterable<readonly Span[]>;

export function answerTraceV1(request: ApiRequest): Promise<void> {
  return withTrace(request, (parts) =>
    parts === undefined
      ? undefined
      : {
          json: () => spansText('{"batches":[', parts, "]}"),
          protobuf: () => encodeParts(parts),
        },
  );
}

export function answerTraceV2(request: ApiRequest): Promise<void> {
  return withTrace(request, (parts) =>
    parts === undefined
      ? {
          json: () => ['{"trace":{},"metrics":{}}'],
          protobuf: () => encodeTraceById([]),
        }
      : {
          json: () => spansText('{"trace":{"resourceSpans":[', parts, ']},"metrics":{}}'),
          protobuf: () => encodeWhole(parts),
        },
  );
}

async function* spansText(before: string, parts: TraceParts, after: string) {
  yield before;
  let between = "";
  for await (const spans of parts) {
    yield between;
    yield* resourceSpansText(spans, "tempo");
    between = ",";
  }
  yield after;
}

async function* encodeParts(parts: TraceParts) {
  for await (const spans of parts) {
    yield encodeTrace(spans);
  }
}

/** Its length comes first, so all of it is made before; in protobuf it is small. */
async function* encodeWhole(parts: TraceParts) {
  const encoded: Buffer[] = [];
  for await (const part of encodeParts(parts)) {
    encoded.push(part);
  }
  yield* encodeTraceById(encoded);
}

/**
 * Reads the trace that the path names, in its turn; start and end narrow nothing, as in Tempo. The
 * place is taken until the answer is made, since it is read from the database meanwhile.
 * @param createAnswer Is given undefined when there is no such trace; undefined is answered with 404.
 */
function withTrace(
  request: ApiRequest,
  createAnswer: (parts: TraceParts | undefined) => ApiAnswer | undefined,
): Promise<void> {
  const { search, parameter, options, traceSlots, response } = request;
  return runGuarded(request, traceSlots, async (signal) => {
    const parameters = new Parameters(search);
    if (!/^[0-9a-f]{1,32}$/i.test(parameter)) {
      parameters.fault("A trace id has 1 to 32 hexadecimal digits.");
    }
    const [startNs, endNs] = [parameters.timeNs("start"), parameters.timeNs("end")];
    const isGiven = startNs !== null && endNs !== null && (startNs > 0n || endNs > 0n);
    if (isGiven && startNs >= endNs) {
      parameters.fault("invalid start: it must be before end");
    }
    parameters.finish();
    const traceId = parameter.toLowerCase().padStart(32, "0");
    const parts = options.store.readTraceInParts(traceId, signal)[Symbol.asyncIterator]();
    const first = await parts.next();
    const answer = createAnswer(first.done === true ? undefined : startingWith(first.value, parts));
    if (answer === undefined) {
      return async () => send(response, 404, {}, Buffer.alloc(0));
    }
    await sendAnswer(request, answer, signal);
    return async () => {};
  });
}

async function* startingWith(
  first: readonly Span[],
  others: AsyncIterator<readonly Span[]>,
): AsyncGenerator<readonly Span[]> {
  try {
    yield first;
    for (let next = await others.next(); next.done !== true; next = await others.next()) {
      yield next.value;
    }
  } finally {
    await others.return?.();
  }
}
