import type { Span } from "#contract";
import { writeResourceSpans } from "#contract";
import { send, sendText } from "../http-listener.ts";
import { type ApiRequest, sendJson } from "./request.ts";

export async function answerTraceV1(request: ApiRequest): Promise<void> {
  const spans = await readTrace(request);
  if (spans === undefined) {
    return;
  }
  if (spans.length === 0) {
    send(request.response, 404, {}, Buffer.alloc(0));
    return;
  }
  await sendJson(request, { batches: writeResourceSpans(spans, "tempo") });
}

export async function answerTraceV2(request: ApiRequest): Promise<void> {
  const spans = await readTrace(request);
  if (spans === undefined) {
    return;
  }
  const trace = spans.length === 0 ? {} : { resourceSpans: writeResourceSpans(spans, "tempo") };
  await sendJson(request, { trace, metrics: {} });
}

/** The spans of the trace that the path names, or undefined when the answer is given already. */
async function readTrace(request: ApiRequest): Promise<Span[] | undefined> {
  const { response, parameter, options } = request;
  if (!request.acceptsJson) {
    sendText(response, 406, "This store writes traces as JSON only: accept application/json.");
    return undefined;
  }
  if (!/^[0-9a-f]{1,32}$/i.test(parameter)) {
    sendText(response, 400, "A trace id has 1 to 32 hexadecimal digits.");
    return undefined;
  }
  try {
    return await options.store.readTrace(parameter.toLowerCase().padStart(32, "0"));
  } catch (error) {
    options.onReadFailed(error);
    sendText(response, 503, "The store could not read the trace. Its log says why.");
    return undefined;
  }
}
