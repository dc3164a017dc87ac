import type { Span } from "#contract";
import { writeResourceSpans } from "#contract";
import { send } from "../http-listener.ts";
import { Parameters } from "./parameters.ts";
import { type ApiRequest, sendAnswer } from "./request.ts";
import { runGuarded } from "./run-query.ts";
import { encodeTrace, encodeTraceById } from "./trace-protobuf.ts";

export function answerTraceV1(request: ApiRequest): Promise<void> {
  return withTrace(request, async (spans) => {
    if (spans.length === 0) {
      send(request.response, 404, {}, Buffer.alloc(0));
      return;
    }
    await sendAnswer(request, {
      jsonText: () => JSON.stringify({ batches: writeResourceSpans(spans, "tempo") }),
      protobuf: () => encodeTrace(spans),
    });
  });
}

export function answerTraceV2(request: ApiRequest): Promise<void> {
  return withTrace(request, (spans) =>
    sendAnswer(request, {
      jsonText: () =>
        JSON.stringify({
          trace: spans.length === 0 ? {} : { resourceSpans: writeResourceSpans(spans, "tempo") },
          metrics: {},
        }),
      protobuf: () => encodeTraceById(spans),
    }),
  );
}

/** Reads the trace that the path names, in its turn; start and end narrow nothing, as in Tempo. */
function withTrace(
  request: ApiRequest,
  answer: (spans: readonly Span[]) => Promise<void>,
): Promise<void> {
  const { search, parameter, options, traceSlots } = request;
  return runGuarded(request, traceSlots, async () => {
    const parameters = new Parameters(search);
    if (!/^[0-9a-f]{1,32}$/i.test(parameter)) {
      parameters.fault("A trace id has 1 to 32 hexadecimal digits.");
    }
    const [startNs, endNs] = [parameters.timeNs("start"), parameters.timeNs("end")];
    if (startNs !== null && endNs !== null && startNs >= endNs) {
      parameters.fault("invalid start: it must be before end");
    }
    parameters.finish();
    const spans = await options.store.readTrace(parameter.toLowerCase().padStart(32, "0"));
    return () => answer(spans);
  });
}
