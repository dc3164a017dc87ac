import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { EmbeddingFailed } from "../llama/embedding/index.ts";
import { EngineError } from "../llama/engine/index.ts";
import { EmptyInput, isInterruption } from "../pipeline/job.ts";
import { RetrievalError } from "../retrieval/index.ts";

/**
 * Every error that a client can meet, by its stable code. `docs/errors.md` lists the same; a test
 * compares the two. Messages never repeat anything that the client sent, known parameter names aside.
 */
export const errorTable = {
  invalid_json: error(400, "invalid_request_error", "The body is not JSON."),
  invalid_body: error(400, "invalid_request_error", "The body must be a JSON object."),
  missing_parameter: error(400, "invalid_request_error", "A required parameter is missing."),
  invalid_parameter: error(400, "invalid_request_error", "A parameter is invalid."),
  unknown_parameter: error(
    400,
    "invalid_request_error",
    "The body has an unknown parameter. Its name is not repeated here; docs/api.md lists the known ones.",
  ),
  unsupported_parameter: error(
    400,
    "invalid_request_error",
    "The route does not support the parameter. Leave it out.",
  ),
  empty_input: error(400, "invalid_request_error", "The input has no tokens."),
  context_length_exceeded: error(
    400,
    "invalid_request_error",
    "The input does not fit into a slot of the model.",
  ),
  chat_unavailable: error(
    400,
    "invalid_request_error",
    "The model has no chat template. Use /v1/completions or a chat model.",
  ),
  messages_refused: error(
    400,
    "invalid_request_error",
    "The model's chat template does not accept these roles in this order.",
  ),
  chat_template_failed: error(
    500,
    "server_error",
    "The model's chat template did not finish. Send other messages, or use another model.",
  ),
  invalid_api_key: error(
    401,
    "authentication_error",
    "The API key is missing or wrong. Send it as Authorization: Bearer KEY.",
  ),
  origin_not_allowed: error(
    403,
    "permission_error",
    "Web pages of this origin may not call the server. MINISERVE_ALLOWED_ORIGINS lists those that may.",
  ),
  not_found: error(404, "invalid_request_error", "There is no such route."),
  method_not_allowed: error(405, "invalid_request_error", "The route needs another method."),
  request_too_slow: error(408, "invalid_request_error", "The request did not arrive in time."),
  body_too_large: error(
    413,
    "invalid_request_error",
    "The body is larger than MINISERVE_BODY_LIMIT_BYTES.",
  ),
  unsupported_media_type: error(
    415,
    "invalid_request_error",
    "The body must be application/json, in UTF-8 and uncompressed.",
  ),
  host_not_allowed: error(
    421,
    "invalid_request_error",
    "The server does not accept this host name. MINISERVE_ALLOWED_HOSTS lists the accepted ones.",
  ),
  queue_full: error(
    429,
    "rate_limit_error",
    "Every slot is busy and the queue is full. Retry after the number of seconds in Retry-After.",
  ),
  request_malformed: error(400, "invalid_request_error", "The request is not valid HTTP."),
  internal_error: error(500, "server_error", "The server failed. Its log has the trace id."),
  unknown_index: error(
    400,
    "invalid_request_error",
    "There is no such index. npm run index -- --list shows the existing ones.",
  ),
  index_building: error(
    503,
    "server_error",
    "The index is being built. Retry after the number of seconds in Retry-After.",
  ),
  index_unusable: error(
    503,
    "server_error",
    "The index does not match the loaded embedding model. Build it again with npm run index.",
  ),
  retrieval_failed: error(
    500,
    "server_error",
    "The search for passages failed. The log has the trace id.",
  ),
  generation_failed: error(500, "server_error", "The model failed. The log has the trace id."),
  request_timeout: error(
    504,
    "server_error",
    "The request took longer than MINISERVE_REQUEST_TIMEOUT_MS. Ask for less, or raise the limit.",
  ),
  shutting_down: error(503, "server_error", "The server is stopping. Send the request again."),
} as const;

export type ErrorCode = keyof typeof errorTable;

type ErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "rate_limit_error"
  | "server_error";

interface ErrorEntry {
  readonly status: number;
  readonly type: ErrorType;
  readonly message: string;
}

function error(status: number, type: ErrorType, message: string): ErrorEntry {
  return { status, type, message };
}

interface ApiErrorDetail {
  /** The name of a known parameter. */
  readonly parameter?: string;
  /** A sentence of our own in place of the table's, with numbers or names that are ours. */
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

/** An answer that is an error. Thrown anywhere while a request is handled. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly parameter: string | null;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: ApiErrorDetail = {}) {
    super(detail.message ?? errorTable[code].message);
    this.code = code;
    this.status = errorTable[code].status;
    this.parameter = detail.parameter ?? null;
    this.retryAfterSeconds = detail.retryAfterSeconds;
  }

  /** OpenAI's shape of an error. */
  toBody(): { error: { message: string; type: ErrorType; param: string | null; code: ErrorCode } } {
    const { message, parameter: param, code } = this;
    return { error: { message, type: errorTable[code].type, param, code } };
  }
}

const codeByReadError: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: "invalid_json",
  FST_ERR_CTP_EMPTY_JSON_BODY: "invalid_json",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "request_malformed",
  FST_ERR_BAD_URL: "not_found",
  // The client left while its body was read. Nobody hears it, but it is no failure of ours.
  ECONNRESET: "request_malformed",
};

/** What a client is told about anything that was thrown; unknown errors become `internal_error`. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) {
    return thrown;
  }
  if (isInterruption(thrown)) {
    return new ApiError(thrown.outcome === "timeout" ? "request_timeout" : "shutting_down");
  }
  if (thrown instanceof EmptyInput) {
    return new ApiError("empty_input");
  }
  if (thrown instanceof EngineError) {
    return fromEngine(thrown);
  }
  if (thrown instanceof RetrievalError) {
    return fromRetrieval(thrown);
  }
  if (thrown instanceof EmbeddingFailed) {
    return new ApiError("retrieval_failed");
  }
  const code = codeOf(thrown);
  return new ApiError(codeByReadError[code ?? ""] ?? "internal_error");
}

/** What the engine says of a request that it cannot take, or of itself. */
function fromEngine({ fault }: EngineError): ApiError {
  switch (fault.code) {
    case "context_length_exceeded":
      return new ApiError("context_length_exceeded", {
        message: `The input has ${fault.isExact ? "" : "at least "}${fault.promptTokens} tokens, and a slot holds ${fault.contextTokens}, the answer included. Send less, or set MINISERVE_SLOT_TOKENS to more.`,
      });
    case "schema_refused":
      return new ApiError("invalid_parameter", {
        parameter: "response_format",
        message: `The schema of response_format cannot be used. ${fault.faults.join(" ")}`,
      });
    case "queue_full":
      return new ApiError("queue_full", { retryAfterSeconds: fault.retryAfterSeconds });
    case "chat_template_missing":
      return new ApiError("chat_unavailable");
    case "chat_messages_refused":
      return new ApiError("messages_refused", { parameter: "messages" });
    case "chat_template_endless":
      return new ApiError("chat_template_failed", { parameter: "messages" });
    case "engine_closed":
      return new ApiError("shutting_down");
    default:
      return new ApiError("generation_failed");
  }
}

/** What is said of an index that cannot be searched; the name that was asked for is not repeated. */
function fromRetrieval({ fault }: RetrievalError): ApiError {
  switch (fault.code) {
    case "unknown_index": {
      const known = fault.known.join(", ");
      const message =
        known === "" ? "There is no index yet." : `There is no such index. Known are: ${known}.`;
      return new ApiError("unknown_index", { parameter: "retrieval", message });
    }
    case "index_unreadable":
      return new ApiError("retrieval_failed");
    case "index_building":
      return new ApiError("index_building", { retryAfterSeconds: fault.retryAfterSeconds });
    case "index_unusable":
      return new ApiError("index_unusable", { message: `${fault.seen} ${fault.remedy}` });
    default:
      return fault satisfies never;
  }
}

function codeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  // A body that JSON.parse refuses reaches Fastify as a SyntaxError with a status and no code.
  if (thrown instanceof SyntaxError && "statusCode" in thrown && thrown.statusCode === 400) {
    return "FST_ERR_CTP_INVALID_JSON_BODY";
  }
  return typeof code === "string" ? code : undefined;
}

/** What Node says of a connection whose request it could not read to its end. */
export interface ConnectionError extends Error {
  readonly code: string;
}

/** Whether nobody is there any more who could be told. */
export function isDeparture({ code }: ConnectionError): boolean {
  return code === "ECONNRESET" || code === "EPIPE" || code === "HPE_INVALID_EOF_STATE";
}

/** What the client is told of it. */
export function toConnectionFault({ code }: ConnectionError): ApiError {
  return new ApiError(
    code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request_too_slow" : "request_malformed",
  );
}

/** Answers on the bare connection, for a request that never became one. */
export function answerOnSocket(socket: Socket, fault: ApiError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(fault.toBody());
  socket.end(
    [
      `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status]}`,
      "connection: close",
      "content-type: application/json; charset=utf-8",
      `content-length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
}

/**
 * Answers a request past everything that still reads or works for it, so that its trace says so too.
 * @param options.closes Whether the rest of the request is not waited for.
 */
export function answerEarly(
  response: ServerResponse,
  fault: ApiError,
  { closes }: { readonly closes: boolean },
): void {
  const body = JSON.stringify(fault.toBody());
  response.writeHead(fault.status, {
    ...(closes ? { connection: "close" } : {}),
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
