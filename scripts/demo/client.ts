import { request as openRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** A server, and how it is asked. */
export interface Target {
  readonly serverUrl: string;
  readonly apiKey: string | undefined;
  /** Stops all that runs. */
  readonly signal: AbortSignal;
}

/** What an answer said about itself. What it says in words is not kept. */
export interface Answer {
  readonly status: number;
  readonly traceId: string;
  /** The id that the client of an answer gets. */
  readonly requestId: string;
  /** Undefined for what was refused, failed or left. */
  readonly inputTokens: number | undefined;
}

export type Body = Readonly<Record<string, unknown>>;
export type Route = "/v1/chat/completions" | "/v1/completions" | "/v1/embeddings" | "/v1/rerank";

/** Sends a request and reads its answer to the end. A refusal or a failure is an answer, too. */
export function ask(target: Target, route: Route, body: Body): Promise<Answer> {
  return awaitedLater(readAnswer(target, route, body));
}

async function readAnswer(target: Target, route: Route, body: Body): Promise<Answer> {
  const response = await post(target, route, body);
  const text = await response.text();
  return toAnswer(response, /"prompt_tokens":(\d+)/.exec(text)?.[1]);
}

/** It may fail before anybody awaits it, such as when the demo is ended: Node would end the process. */
export function awaitedLater<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}

/**
 * Sends a request for a stream and goes away as soon as the first piece of text is there.
 * @param untilGone what keeps the client; without it, it leaves at once
 */
export function leaveStream(
  target: Target,
  body: Body,
  untilGone?: Promise<unknown>,
): Promise<Answer> {
  return awaitedLater(readFirstPiece(target, body, untilGone));
}

async function readFirstPiece(
  target: Target,
  body: Body,
  untilGone?: Promise<unknown>,
): Promise<Answer> {
  const leave = new AbortController();
  const signal = AbortSignal.any([target.signal, leave.signal]);
  const streamed = { ...body, stream: true };
  const response = await post({ ...target, signal }, "/v1/chat/completions", streamed);
  const reader = response.body?.getReader();
  await reader?.read();
  await untilGone;
  leave.abort();
  return toAnswer(response);
}

/** Sends the end of a request's body only after a pause, as over a slow line. */
export async function askSlowly(target: Target, body: Body, pauseMs: number): Promise<Answer> {
  const text = JSON.stringify(body);
  const middle = Math.floor(text.length / 2);
  const request = openRequest(`${target.serverUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { ...headers(target), "content-length": Buffer.byteLength(text) },
    signal: target.signal,
  });
  const answered = new Promise<Answer>((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (response) => {
      response.resume();
      const { "x-trace-id": traceId = "", "x-request-id": requestId = "" } = response.headers;
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          traceId: String(traceId),
          requestId: String(requestId),
          inputTokens: undefined,
        }),
      );
    });
  });
  request.write(text.slice(0, middle));
  // An error ends it earlier.
  await Promise.race([sleep(pauseMs, undefined, { signal: target.signal }), answered]);
  request.end(text.slice(middle));
  return await answered;
}

function post(target: Target, route: Route, body: Body): Promise<Response> {
  return fetch(`${target.serverUrl}${route}`, {
    method: "POST",
    headers: headers(target),
    body: JSON.stringify(body),
    signal: target.signal,
  });
}

function headers({ apiKey }: Target): Record<string, string> {
  return {
    "content-type": "application/json",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
}

function toAnswer({ status, headers: given }: Response, inputTokens?: string): Answer {
  return {
    status,
    traceId: given.get("x-trace-id") ?? "",
    requestId: given.get("x-request-id") ?? "",
    inputTokens: inputTokens === undefined ? undefined : Number(inputTokens),
  };
}
