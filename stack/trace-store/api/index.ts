import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type HttpListener,
  listenForHttp,
  maxHeaderBytesOfQueries,
  send,
  sendText,
} from "../http-listener.ts";
import { ExportEndpoint } from "./answer-export.ts";
import { answerMetricsInstant, answerMetricsRange } from "./answer-metrics.ts";
import { answerSearch } from "./answer-search.ts";
import {
  answerTagNames,
  answerTagNamesV1,
  answerTagValues,
  answerTagValuesV1,
} from "./answer-tags.ts";
import { answerTraceV1, answerTraceV2 } from "./answer-traces.ts";
import { QuerySlots } from "./query-slots.ts";
import {
  type ApiRequest,
  acceptsGzip,
  acceptsProtobuf,
  sendAnswer,
  type TempoApiOptions,
} from "./request.ts";

export { type ApiLimits, defaultLimits } from "./limits.ts";
export { ReadError } from "./read-error.ts";

type Answer = (request: ApiRequest) => Promise<void>;

const plain = { "content-type": "text/plain; charset=utf-8" };

const routes: readonly (readonly [pattern: RegExp, answer: Answer])[] = [
  [/^\/api\/echo$/, async ({ response }) => send(response, 200, plain, Buffer.from("echo"))],
  [/^\/ready$/, answerReady],
  [/^\/api\/status\/buildinfo$/, answerBuildInfo],
  [/^\/status\/intake$/, answerIngestStatus],
  [/^\/api\/traces\/([^/]+)$/, answerTraceV1],
  [/^\/api\/v2\/traces\/([^/]+)$/, answerTraceV2],
  [/^\/api\/search$/, answerSearch],
  [/^\/api\/search\/tags$/, answerTagNamesV1],
  [/^\/api\/search\/tag\/(.+)\/values$/, answerTagValuesV1],
  [/^\/api\/v2\/search\/tags$/, answerTagNames],
  [/^\/api\/v2\/search\/tag\/(.+)\/values$/, answerTagValues],
  [/^\/api\/metrics\/query_range$/, answerMetricsRange],
  [/^\/api\/metrics\/query$/, answerMetricsInstant],
];

/** A trace by its id is quick to read, but may be large: no more are held at once. */
const slotsOfTraces = { running: 2, waiting: 64 };

interface Slots {
  readonly slots: QuerySlots;
  readonly traceSlots: QuerySlots;
}

/** Serves the part of Tempo's HTTP API that reads, by GET and HEAD only, and an export. Loopback only. */
export function startTempoApi(options: TempoApiOptions): Promise<HttpListener> {
  const slots = {
    slots: new QuerySlots(options.limits),
    traceSlots: new QuerySlots(slotsOfTraces),
  };
  const { exportParquet } = options.store;
  const exports = new ExportEndpoint(exportParquet, options.onReadFailed);
  return listenForHttp({
    hosts: options.hosts,
    port: options.port,
    allowed: options.allowed,
    limits: options.clientLimits,
    maxHeaderBytes: maxHeaderBytesOfQueries,
    answer: (request, response) => {
      const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
      return ExportEndpoint.isAt(path)
        ? exports.answer(request, response, query)
        : answer({ request, response, path, query }, options, slots);
    },
  });
}

async function answer(
  exchange: { request: IncomingMessage; response: ServerResponse; path: string; query: string },
  options: TempoApiOptions,
  slots: Slots,
): Promise<void> {
  const { request, response, path, query } = exchange;
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    sendText(response, 405, "This API only reads: use GET or HEAD.");
    return;
  }
  for (const [pattern, answerRoute] of routes) {
    const match = pattern.exec(path);
    if (match !== null) {
      await answerRoute({
        response,
        acceptsProtobuf: acceptsProtobuf(request),
        acceptsGzip: acceptsGzip(request),
        parameter: decoded(match[1] ?? ""),
        search: new URLSearchParams(query),
        options,
        ...slots,
      });
      return;
    }
  }
  sendText(
    response,
    404,
    "There is nothing here. Search: /api/search?q={...}. A trace: /api/v2/traces/{id}.",
  );
}

/** A part of the path that is wrongly encoded stays as it is, and is no id and no tag then. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function answerReady({ response, options }: ApiRequest): Promise<void> {
  try {
    await options.store.check();
  } catch (error) {
    options.onReadFailed(error);
    sendText(response, 503, "not ready: the store cannot answer");
    return;
  }
  sendText(response, 200, "ready");
}

/** Of this store alone, not of Tempo: what came in, and what of it was refused, cut or removed. */
async function answerIngestStatus(request: ApiRequest): Promise<void> {
  await sendAnswer(request, {
    json: () => [JSON.stringify(request.options.ingestCounts() ?? {})],
  });
}

async function answerBuildInfo(request: ApiRequest): Promise<void> {
  const { version } = request.options;
  await sendAnswer(request, {
    json: () => [
      JSON.stringify({
        application: "miniserve embedded trace store, with Tempo's API",
        version,
        goVersion: "none: this is not Tempo",
      }),
    ],
  });
}
