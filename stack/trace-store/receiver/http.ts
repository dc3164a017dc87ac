import type { IncomingMessage, ServerResponse } from "node:http";
import type { AllowedCallers } from "../access.ts";
import type { ClientLimits } from "../client-limits.ts";
import { type HttpListener, listenForHttp, send, sendText } from "../http-listener.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import type { Intake, Reservation } from "./intake.ts";
import { encodeResponse, encodeStatus, httpPath, type PartialSuccess } from "./protocol.ts";
import { ReceiverError, tooLarge } from "./receiver-error.ts";
import { codingsOf, knownCodings, unpack } from "./unpack.ts";

/** How OTLP is written over HTTP: in protobuf or in protobuf's JSON. Answers come in the same. */
const encodings = {
  "application/x-protobuf": {
    decode: decodeProtobuf,
    response: encodeResponse,
    error: (error: ReceiverError) =>
      encodeStatus({ code: error.answer.grpc, message: error.message }),
  },
  "application/json": {
    decode: decodeJson,
    response: (partialSuccess: PartialSuccess | undefined) =>
      Buffer.from(JSON.stringify({ partialSuccess })),
    error: (error: ReceiverError) =>
      Buffer.from(JSON.stringify({ code: error.answer.grpc, message: error.message })),
  },
} as const;

type ContentType = keyof typeof encodings;

interface OtlpHttpOptions {
  readonly intake: Intake;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly allowed?: AllowedCallers | undefined;
  readonly limits?: Partial<ClientLimits> | undefined;
  readonly maxMessageBytes: number;
}

/** OTLP over HTTP/1.1, without TLS, in protobuf and JSON, packed or not. */
export function listenForOtlpHttp(options: OtlpHttpOptions): Promise<HttpListener> {
  return listenForHttp({
    ...options,
    answer: async (request, response) => {
      const contentType = contentTypeOf(request);
      const refusal = refuseUnread(request, contentType);
      if (refusal !== undefined || contentType === undefined) {
        refusal?.(response);
        return;
      }
      await answerExport(request, response, contentType, options);
    },
  });
}

/** How a request is answered that is no export at all, before anything of it is read. */
function refuseUnread(
  request: IncomingMessage,
  contentType: ContentType | undefined,
): ((response: ServerResponse) => void) | undefined {
  const refuse = (status: number, message: string) => (response: ServerResponse) =>
    sendText(response, status, message);
  if (request.url?.split("?")[0] !== httpPath) {
    return refuse(404, `There is only ${httpPath} here: this receiver takes traces.`);
  }
  if (request.method !== "POST") {
    return (response) => {
      response.setHeader("allow", "POST");
      sendText(response, 405, "Send exports with POST.");
    };
  }
  if (contentType === undefined) {
    return refuse(415, `Send exports as content-type ${Object.keys(encodings).join(" or ")}.`);
  }
  if (codingsOf(request.headers["content-encoding"]) === undefined) {
    return (response) => {
      response.setHeader("accept-encoding", knownCodings.join(", "));
      sendText(
        response,
        415,
        `Send exports with content-encoding ${knownCodings.join(" or ")}, or without one.`,
      );
    };
  }
  return undefined;
}

function contentTypeOf(request: IncomingMessage): ContentType | undefined {
  const name = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  return Object.hasOwn(encodings, name) ? (name as ContentType) : undefined;
}

async function answerExport(
  request: IncomingMessage,
  response: ServerResponse,
  contentType: ContentType,
  { intake, maxMessageBytes }: OtlpHttpOptions,
): Promise<void> {
  const encoding = encodings[contentType];
  const headers = { "content-type": contentType };
  const reservation = intake.reserve();
  try {
    const body = await readBody(request, maxMessageBytes, reservation);
    const partialSuccess = await intake.take(body, encoding.decode, reservation);
    send(response, 200, headers, encoding.response(partialSuccess));
  } catch (cause) {
    const error = ReceiverError.from(cause);
    intake.refused(error);
    if (error.answer.retryAfterSeconds !== undefined) {
      response.setHeader("retry-after", error.answer.retryAfterSeconds);
    }
    send(response, error.answer.http, headers, encoding.error(error));
  } finally {
    reservation.release();
  }
}

async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  reservation: Reservation,
): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) {
    throw tooLarge(maxBytes);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The request must not be destroyed with the loop: its socket has to carry the answer.
  const iterator: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of iterator) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw tooLarge(maxBytes);
    }
    reservation.grow(chunk.length);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const codings = codingsOf(request.headers["content-encoding"]) ?? [];
  return await unpack(body, codings, maxBytes, reservation.grow);
}
