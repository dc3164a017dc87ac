import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Span, writeResourceSpans } from "#contract";
import { type HttpListener, listenForHttp, send, sendText } from "../http-listener.ts";

/** What the API asks of a store. */
export interface TraceSource {
  /** @param traceId 32 lower-case hexadecimal digits. */
  readonly readTrace: (traceId: string) => Promise<Span[]>;
  /** Rejects when the store cannot answer any more. */
  readonly check: () => Promise<void>;
}

export interface TempoApiOptions {
  readonly hosts: readonly string[];
  readonly port: number;
  readonly store: TraceSource;
  /** The version of this project. */
  readonly version: string;
  readonly onReadFailed: (error: unknown) => void;
}

type Answer = (request: Request) => Promise<void>;

interface Request {
  readonly response: ServerResponse;
  readonly acceptsJson: boolean;
  readonly acceptsGzip: boolean;
  /** What the pattern's group matched in the path. */
  readonly parameter: string;
  readonly options: TempoApiOptions;
}

const gzipAsync = promisify(gzip);
const smallestToGzip = 1024;
const plain = { "content-type": "text/plain; charset=utf-8" };

/** What Tempo has and we do not have yet says so, because an empty answer would be a wrong one. */
const notYet = /^\/api\/(v2\/)?(search|metrics|overrides)(\/|$)/;

const routes: readonly (readonly [pattern: RegExp, answer: Answer])[] = [
  [/^\/api\/echo$/, async ({ response }) => send(response, 200, plain, Buffer.from("echo"))],
  [/^\/ready$/, answerReady],
  [/^\/api\/status\/buildinfo$/, answerBuildInfo],
  [/^\/api\/traces\/([^/]+)$/, answerTraceV1],
  [/^\/api\/v2\/traces\/([^/]+)$/, answerTraceV2],
  [
    notYet,
    async ({ response }) =>
      sendText(
        response,
        501,
        "This store does not have the query language yet. Traces are read by id: /api/v2/traces/{id}.",
      ),
  ],
];

/** Serves the part of Tempo's HTTP API that reads traces by their id. Loopback, GET and HEAD only. */
export function startTempoApi(options: TempoApiOptions): Promise<HttpListener> {
  return listenForHttp({
    hosts: options.hosts,
    port: options.port,
    answer: (request, response) => answer(request, response, options),
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: TempoApiOptions,
): Promise<void> {
  const path = request.url?.split("?")[0] ?? "/";
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
        acceptsJson: acceptsJson(request),
        acceptsGzip: acceptsGzip(request),
        parameter: match[1] ?? "",
        options,
      });
      return;
    }
  }
  sendText(response, 404, "There is nothing here. Traces are read by id: /api/v2/traces/{id}.");
}

/** Who asks for protobuf alone could not read JSON. */
function acceptsJson(request: IncomingMessage): boolean {
  return /json|\*\/\*|application\/\*/i.test(request.headers.accept ?? "*/*");
}

/** `gzip` is in the list, and not with the weight 0, which forbids it. */
function acceptsGzip(request: IncomingMessage): boolean {
  const codings = String(request.headers["accept-encoding"] ?? "").split(",");
  return codings.some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}

async function answerReady({ response, options }: Request): Promise<void> {
  try {
    await options.store.check();
  } catch (error) {
    options.onReadFailed(error);
    sendText(response, 503, "not ready: the store cannot answer");
    return;
  }
  sendText(response, 200, "ready");
}

async function answerBuildInfo(request: Request): Promise<void> {
  await sendJson(request, {
    application: "miniserve embedded trace store, with a part of Tempo's API",
    version: request.options.version,
    goVersion: "none: this is not Tempo",
  });
}

async function answerTraceV1(request: Request): Promise<void> {
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

async function answerTraceV2(request: Request): Promise<void> {
  const spans = await readTrace(request);
  if (spans === undefined) {
    return;
  }
  const trace = spans.length === 0 ? {} : { resourceSpans: writeResourceSpans(spans, "tempo") };
  await sendJson(request, { trace, metrics: {} });
}

/** The spans of the trace that the path names, or undefined when the answer is given already. */
async function readTrace(request: Request): Promise<Span[] | undefined> {
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

async function sendJson({ response, acceptsGzip }: Request, content: unknown): Promise<void> {
  const body = Buffer.from(JSON.stringify(content));
  const headers = { "content-type": "application/json", vary: "accept-encoding" };
  if (!acceptsGzip || body.length < smallestToGzip) {
    send(response, 200, headers, body);
    return;
  }
  send(response, 200, { ...headers, "content-encoding": "gzip" }, await gzipAsync(body));
}
