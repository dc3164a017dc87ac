import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { CodedError, type ErrorTable, varied } from "#errors";
import { EmbeddingFailed } from "../llama/embedding/index.ts";
import { EngineError } from "../llama/engine/index.ts";
import { EmptyInput, isInterruption } from "../pipeline/job.ts";
import { InputTooLong } from "../pipeline/vectors.ts";
import { RetrievalError } from "../retrieval/index.ts";

const docsHint = "docs/api.md lists what each route takes.";
const routesHint = "docs/api.md lists the routes.";
const engine = EngineError.table;
const { unknown_index, index_building, index_unusable } = RetrievalError.table;

/**
 * Every error that a client can meet, by its stable code. Messages never repeat anything that the
 * client sent, known parameter names aside.
 */
export const errorTable = {
  invalid_json: { status: 400, message: "The body is not JSON.", hint: docsHint },
  invalid_body: { status: 400, message: "The body must be a JSON object.", hint: docsHint },
  missing_parameter: {
    status: 400,
    message: ({ parameter }: ApiErrorValues) => `The parameter ${parameter} is missing.`,
    hint: docsHint,
  },
  invalid_parameter: { status: 400, ...varied("A parameter is invalid.", docsHint) },
  unknown_parameter: {
    status: 400,
    message: "The body has an unknown parameter.",
    hint: "Its name is not repeated here; docs/api.md lists the known ones.",
  },
  unsupported_parameter: {
    status: 400,
    message: ({ parameter }: ApiErrorValues) => `This route does not support ${parameter}.`,
    hint: "Leave it out.",
  },
  empty_input: { status: 400, message: "The input has no tokens.", hint: "Send some text." },
  context_length_exceeded: engine.context_length_exceeded,
  input_too_long: {
    status: 400,
    ...varied(
      "An input is longer than the embedding or ranking model reads.",
      "Split it, for nothing is cut in silence.",
    ),
  },
  chat_unavailable: engine.chat_template_missing,
  messages_refused: engine.chat_messages_refused,
  chat_template_failed: {
    status: 500,
    message: "The model's chat template did not finish.",
    hint: "Send other messages, or use another model.",
  },
  invalid_api_key: {
    status: 401,
    message: "The API key is missing or wrong.",
    hint: "Send it as Authorization: Bearer KEY.",
  },
  origin_not_allowed: {
    status: 403,
    message: "Web pages of this origin may not call the server.",
    hint: "MINISERVE_ALLOWED_ORIGINS lists those that may.",
  },
  not_found: { status: 404, ...varied("There is no such route.", routesHint) },
  method_not_allowed: {
    status: 405,
    message: "The route needs another method.",
    hint: routesHint,
  },
  request_too_slow: {
    status: 408,
    message: "The request did not arrive in time.",
    hint: "Send it again, without a pause in it.",
  },
  body_too_large: {
    status: 413,
    message: "The body is larger than MINISERVE_BODY_LIMIT_BYTES.",
    hint: "Send less, or raise the limit.",
  },
  unsupported_media_type: {
    status: 415,
    message: "The body's type or encoding is not supported.",
    hint: "Send application/json, in UTF-8 and uncompressed.",
  },
  host_not_allowed: {
    status: 421,
    message: "The server does not accept this host name.",
    hint: "MINISERVE_ALLOWED_HOSTS lists the accepted ones.",
  },
  queue_full: engine.queue_full,
  request_malformed: {
    status: 400,
    message: "The request is not valid HTTP.",
    hint: "Use an HTTP client.",
  },
  internal_error: { status: 500, message: "The server failed.", hint: "Its log has the trace id." },
  unknown_index,
  index_building,
  index_unusable,
  retrieval_failed: {
    status: 500,
    message: "The search for passages failed.",
    hint: "The log has the trace id.",
  },
  generation_failed: engine.generation_failed,
  request_timeout: {
    status: 504,
    message: "The request took longer than MINISERVE_REQUEST_TIMEOUT_MS.",
    hint: "Ask for less, or raise the limit.",
  },
  shutting_down: engine.engine_closed,
} satisfies ErrorTable;

export type ErrorCode = keyof typeof errorTable;

interface ApiErrorValues {
  /** The name of a known parameter. */
  readonly parameter?: string | undefined;
  /** Where the table leaves the sentence to the place that throws: with numbers and names that are ours. */
  readonly message?: string | undefined;
  readonly retryAfterSeconds?: number;
  readonly cause?: undefined;
}

/** OpenAI's kinds of errors, by status; any other is the request's, or from 500 on the server's. */
const types: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};

/** An answer that is an error. Thrown anywhere while a request is handled. */
export class ApiError extends CodedError {
  override readonly name = "ApiError";
  declare readonly code: ErrorCode;
  declare readonly values: ApiErrorValues;
  declare readonly status: number;

  constructor(code: ErrorCode, values: ApiErrorValues = {}) {
    super(code, errorTable[code], values);
  }

  /** OpenAI's shape of an error. */
  toBody() {
    const { message, hint, values, code, status } = this;
    const type = types[status] ?? (status < 500 ? "invalid_request_error" : "server_error");
    const param = values.parameter ?? null;
    return { error: { message: `${message} ${hint}`.trim(), type, param, code } };
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
  if (thrown instanceof InputTooLong) {
    const [parameter] = thrown.place.split("[");
    return new ApiError("input_too_long", { parameter, message: thrown.message });
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
  const code = findErrorCode(thrown);
  return new ApiError(codeByReadError[code ?? ""] ?? "internal_error");
}

/** What the API calls the engine's errors; the sentences are the engine's. */
const codeByEngineError: Readonly<Record<EngineError["code"], [ErrorCode, parameter?: string]>> = {
  context_length_exceeded: ["context_length_exceeded"],
  schema_refused: ["invalid_parameter", "response_format"],
  tools_refused: ["invalid_parameter", "tools"],
  bias_refused: ["invalid_parameter", "logit_bias"],
  queue_full: ["queue_full"],
  chat_template_missing: ["chat_unavailable"],
  chat_messages_refused: ["messages_refused", "messages"],
  chat_template_endless: ["chat_template_failed", "messages"],
  engine_closed: ["shutting_down"],
  backend_unavailable: ["generation_failed"],
  model_unloadable: ["generation_failed"],
  context_uncreatable: ["generation_failed"],
  generation_failed: ["generation_failed"],
};

function fromEngine({ code: engineCode, values, message }: EngineError): ApiError {
  const [code, parameter] = codeByEngineError[engineCode];
  return new ApiError(code, { ...values, cause: undefined, message, parameter });
}

/** What is said of an index that cannot be searched. */
function fromRetrieval({ code, values }: RetrievalError): ApiError {
  if (code === "index_unreadable") {
    return new ApiError("retrieval_failed");
  }
  const parameter = code === "unknown_index" ? "retrieval" : undefined;
  return new ApiError(code, { ...values, cause: undefined, parameter });
}

function findErrorCode(thrown: unknown): string | undefined {
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
