import type { IncomingHttpHeaders } from "node:http";
import { type Context, defaultTextMapGetter, ROOT_CONTEXT } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";

const propagator = new W3CTraceContextPropagator();
/** Longer than any version of the header that there is. */
const maxLength = 128;

/**
 * The caller's span as the context of a request, or an empty context when the header is missing or
 * malformed. `tracestate` is not even looked at: what is kept of it would be exported with every span,
 * and a client may write anything there.
 */
export function remoteParent({ traceparent }: IncomingHttpHeaders): Context {
  // A header that was sent twice arrives as one text with a comma, which is malformed.
  return typeof traceparent === "string" && traceparent.length <= maxLength
    ? propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter)
    : ROOT_CONTEXT;
}
