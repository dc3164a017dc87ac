import type { IncomingMessage, ServerResponse } from "node:http";
import { type ReadFault, readOtlpJson, type Span } from "#contract";
import type { AllowedCallers } from "../access.ts";
import { type HttpListener, listenForHttp, send, sendText } from "../http-listener.ts";
import { findJsonStringEnd } from "../json-string.ts";
import type { ClientLimits } from "../listen.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import type { Ingest, Reservation } from "./ingest.ts";
import { Reading } from "./outcomes.ts";
import { type PartBudget, partsOfSpan } from "./part-budget.ts";
import { encodeResponse, encodeStatus, httpPath, type PartialSuccess } from "./protocol.ts";
import { ReceiverError, tooLarge } from "./receiver-error.ts";
import { knownCodings, parseCodings, unpack } from "./unpack.ts";
import { decodeText } from "./wire.ts";

/** How OTLP is written over HTTP: in protobuf or in protobuf's JSON. Answers come in the same. */
const encodings = {
  "application/x-protobuf": {
    decode: decodeProtobuf,
    response: encodeResponse,
    error: encodeStatus,
  },
  "application/json": {
    decode: decodeJson,
    response: (partialSuccess: PartialSuccess | undefined) =>
      Buffer.from(JSON.stringify({ partialSuccess })),
    error: (status: { code: number; message: string }) => Buffer.from(JSON.stringify(status)),
  },
} as const;

type ContentType = keyof typeof encodings;

interface OtlpHttpOptions {
  readonly ingest: Ingest;
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
      const contentType = findContentType(request);
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
  if (parseCodings(request.headers["content-encoding"]) === undefined) {
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

function findContentType(request: IncomingMessage): ContentType | undefined {
  const name = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  return Object.hasOwn(encodings, name) ? (name as ContentType) : undefined;
}

async function answerExport(
  request: IncomingMessage,
  response: ServerResponse,
  contentType: ContentType,
  { ingest, maxMessageBytes }: OtlpHttpOptions,
): Promise<void> {
  const encoding = encodings[contentType];
  const headers = { "content-type": contentType };
  const reservation = ingest.reserve();
  try {
    const body = await readBody(request, maxMessageBytes, reservation);
    const partialSuccess = await ingest.take(body, encoding.decode, reservation);
    send(response, 200, headers, encoding.response(partialSuccess));
  } catch (cause) {
    const error = ReceiverError.from(cause);
    ingest.refused(error);
    const { grpc: code, http, message, retryAfterSeconds } = error.toAnswer();
    if (retryAfterSeconds !== undefined) {
      response.setHeader("retry-after", retryAfterSeconds);
    }
    send(response, http, headers, encoding.error({ code, message }));
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
  const codings = parseCodings(request.headers["content-encoding"]) ?? [];
  return await unpack(body, codings, maxBytes, reservation.grow);
}

const placesTold = 5;

/**
 * The spans of an OTLP JSON document. Members that OTLP does not have are passed over, and what
 * cannot be read costs the span that it is in.
 * @throws ReceiverError when it is no such document. The message names places and never what was
 *   found there.
 */
export function decodeJson(body: Buffer, reading = new Reading()): Span[] {
  const text = decodeText(body);
  countParts(text, reading.budget);
  const document = parse(text);
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw notOtlp("the document must be an object");
  }
  // Protobuf's JSON leaves out an empty list, so an export of nothing is `{}`.
  const { resourceSpans = null } = document as { resourceSpans?: unknown };
  if (resourceSpans !== null && !Array.isArray(resourceSpans)) {
    throw notOtlp("resourceSpans must be an array");
  }
  countSpans(resourceSpans ?? [], reading.budget);
  const { spans, faults, outcomes } = readOtlpJson({ resourceSpans: resourceSpans ?? [] });
  for (const outcome of outcomes) {
    reading.outcomes.push(outcome);
  }
  if (outcomes.length > 0) {
    reading.places.push(...faults.slice(0, placesTold).map(formatFault));
  }
  return spans;
}

function notOtlp(why: string): ReceiverError {
  return new ReceiverError("malformed", { fault: `The body is not OTLP JSON: ${why}.` });
}

function formatFault({ path, expected }: ReadFault): string {
  return `${path} must be ${expected}.`;
}

/** The parser's own message would repeat a piece of the body. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ReceiverError("malformed", { fault: "The body is not JSON." });
  }
}

/** What stands between brackets and commas is counted before anything is made of it. */
function countParts(text: string, budget: PartBudget): void {
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') {
      index = findJsonStringEnd(text, index);
    } else if (character === "," || character === "[" || character === "{") {
      budget.take(1);
    }
  }
}

/** A span may be written in three characters, and is as large in memory as one from protobuf. */
function countSpans(resourceSpans: readonly unknown[], budget: PartBudget): void {
  for (const group of resourceSpans) {
    for (const scopeSpans of listItems(group, "scopeSpans", "instrumentationLibrarySpans")) {
      budget.take(listItems(scopeSpans, "spans").length * (partsOfSpan - 1));
    }
  }
}

function listItems(entry: unknown, ...keys: readonly string[]): readonly unknown[] {
  const object = typeof entry === "object" ? (entry as Record<string, unknown> | null) : null;
  return keys.map((key) => object?.[key]).find(Array.isArray) ?? [];
}
