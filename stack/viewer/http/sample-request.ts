import type { IncomingMessage, ServerResponse } from "node:http";
import { StackError } from "../../command/stack-error.ts";
import { sendSample } from "../../trace/sample-request.ts";
import { send } from "../../trace-store/http-listener.ts";
import type { SampleReport, ServerState } from "../data/home/home-queries.ts";

/** The server whose state is shown, and which is sent a request when a person asks for it. */
export interface SampledServer {
  /** Null where the stack has none. */
  readonly serverUrl: string | null;
  readonly apiKey: string | undefined;
}

const patienceMs = 2_000;

/** Whether the server takes requests at this moment. */
export async function answerServerState(
  response: ServerResponse,
  { serverUrl }: SampledServer,
): Promise<void> {
  sendJson(response, 200, await fetchServerState(serverUrl));
}

async function fetchServerState(serverUrl: string | null): Promise<ServerState> {
  if (serverUrl === null) {
    return { state: "none" };
  }
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const answer = await fetch(`${serverUrl}/readyz`, { signal });
    await answer.body?.cancel();
    return { state: answer.ok ? "ready" : "not ready" };
  } catch {
    return { state: "unreachable" };
  }
}

/**
 * Sends the server one small request, as `npm run trace:export -- --sample` does. Only a page of ours may ask for
 * it: browsers say where a POST comes from, and the listener has refused every other origin.
 */
export async function answerSampleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { serverUrl, apiKey }: SampledServer,
): Promise<void> {
  request.resume();
  if (request.headers.origin === undefined) {
    refuse(response, 403, "A page of the viewer must ask for a sample request.");
    return;
  }
  if (serverUrl === null) {
    refuse(response, 503, "The stack runs without the server: npm run stack:up starts both.");
    return;
  }
  try {
    const sample = await sendSample({
      serverUrl,
      apiKey,
      route: "/v1/chat/completions",
      streamed: true,
      maxTokens: 16,
    });
    const { traceId = null, durationMs, completionTokens = null } = sample;
    sendJson(response, 200, { traceId, durationMs, completionTokens } satisfies SampleReport);
  } catch (error) {
    if (!(error instanceof StackError)) {
      throw error;
    }
    refuse(response, 502, [error.message, error.hint].join(" ").trim());
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { message });
}

function sendJson(response: ServerResponse, status: number, document: unknown): void {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  send(response, status, headers, Buffer.from(JSON.stringify(document)));
}
