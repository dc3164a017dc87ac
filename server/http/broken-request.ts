import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { ApiError } from "./errors.ts";

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
