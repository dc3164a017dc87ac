import { StackError } from "../command/stack-error.ts";

export type SampleRoute = "/v1/completions" | "/v1/chat/completions";

export interface SampleRequest {
  readonly serverUrl: string;
  readonly apiKey: string | undefined;
  readonly route: SampleRoute;
  readonly streamed: boolean;
  readonly maxTokens: number;
}

/** What an answer said about itself. What it says in words is left out on purpose. */
export interface SampleAnswer {
  readonly status: number;
  /** What X-Trace-Id said. */
  readonly traceId: string | undefined;
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  readonly finishReason: string | undefined;
  /** Whether a stream came to its proper end. */
  readonly isComplete: boolean;
  readonly durationMs: number;
}

const answerLimitMs = 120_000;
const question = "The capital of France is";

/**
 * Sends one small request to the server and reads the answer to its end.
 * @throws StackError `server_unreachable`, or `request_refused` with the code of the refusal.
 */
export async function sendSample(request: SampleRequest): Promise<SampleAnswer> {
  const started = performance.now();
  const response = await post(request);
  const text = await readBody(response);
  if (response.status !== 200) {
    throw refusal(request, response.status, text);
  }
  const chunks = request.streamed ? parseEvents(text) : [text];
  const documents = chunks.filter((chunk) => chunk !== endOfStream).map(parseObject);
  const read = <Value>(pick: (document: AnswerDocument) => Value | null | undefined) =>
    documents.map(pick).findLast((value) => value !== undefined && value !== null) ?? undefined;
  return {
    status: response.status,
    traceId: response.headers.get("x-trace-id") ?? undefined,
    id: read(({ id }) => id),
    model: read(({ model }) => model),
    promptTokens: read(({ usage }) => usage?.prompt_tokens),
    completionTokens: read(({ usage }) => usage?.completion_tokens),
    finishReason: read(({ choices }) => choices?.[0]?.finish_reason),
    isComplete: !request.streamed || chunks.at(-1) === endOfStream,
    durationMs: Math.round(performance.now() - started),
  };
}

/** The request as a person would send it by hand. */
export function sampleCurl(serverUrl: string, needsKey: boolean): string {
  const body = JSON.stringify({ prompt: question, max_tokens: 16 });
  const key = needsKey ? ' -H "authorization: Bearer $MINISERVE_API_KEY"' : "";
  return `curl -i ${serverUrl}/v1/completions -H 'content-type: application/json'${key} -d '${body}'`;
}

interface AnswerDocument {
  readonly id?: string;
  readonly model?: string;
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
  readonly choices?: readonly { readonly finish_reason?: string | null }[];
}

const endOfStream = "[DONE]";

async function post(request: SampleRequest): Promise<Response> {
  const { serverUrl, apiKey, route, streamed, maxTokens } = request;
  const input =
    route === "/v1/completions"
      ? { prompt: question }
      : { messages: [{ role: "user", content: "What is the capital of France?" }] };
  const stream = streamed ? { stream: true, stream_options: { include_usage: true } } : {};
  try {
    return await fetch(`${serverUrl}${route}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({ ...input, ...stream, max_tokens: maxTokens, temperature: 0, seed: 1 }),
      signal: AbortSignal.timeout(answerLimitMs),
    });
  } catch (error) {
    throw unreachable(serverUrl, error);
  }
}

async function readBody(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachable(response.url, error);
  }
}

function unreachable(serverUrl: string, error: unknown): StackError {
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
  const reason = cause?.code ?? (error as Error).name;
  return new StackError("server_unreachable", { server: new URL(serverUrl).origin, reason });
}

function refusal({ route }: SampleRequest, status: number, text: string): StackError {
  const { error } = parseObject(text) as { error?: { code?: unknown } };
  const code = typeof error?.code === "string" ? ` (${error.code})` : "";
  return status === 401
    ? new StackError("key_refused")
    : new StackError("request_refused", { answer: `${status}${code}`, route });
}

/** The data of server-sent events, in order. */
function parseEvents(text: string): string[] {
  return text
    .split(/\r?\n\r?\n/)
    .map((event) =>
      event
        .split(/\r?\n/)
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice("data:".length).trim())
        .join("\n"),
    )
    .filter((data) => data !== "");
}

function parseObject(text: string): AnswerDocument {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? document : {};
  } catch {
    return {};
  }
}
