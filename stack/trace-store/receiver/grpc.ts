import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Readable } from "node:stream";
import {
  type ClientLimits,
  Connections,
  clientLimits,
  type Listening,
  listenOnHosts,
} from "../listen.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import type { Ingest } from "./ingest.ts";
import { encodeResponse, encodeStatus, grpcMethod, type Status } from "./protocol.ts";
import { ReceiverError, tooLarge } from "./receiver-error.ts";
import { type Coding, knownCodings, parseCodings, unpack } from "./unpack.ts";

/** More than any exporter has under way. Those on top are cut off, and not told when to come again. */
const streamsPerConnection = 128;
/**
 * A session that has been served and asks for nothing more is told to go after so long. Exporters
 * send every few seconds or once a minute, and connect anew without losing anything.
 */
const keepAliveMs = 120_000;
/** How long a client that was told to go may take over it. */
const closeTimeoutMs = 1_000;

/** Codes of gRPC's own, beside those of ReceiverError. */
const unimplemented = 12;

interface OtlpGrpcOptions {
  readonly ingest: Ingest;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly limits?: Partial<ClientLimits> | undefined;
  readonly maxMessageBytes: number;
}

/** What answering a stream needs. */
interface Answering extends OtlpGrpcOptions {
  readonly limits: ClientLimits;
  readonly connections: Connections<ServerHttp2Session>;
}

interface GrpcListener extends Listening {
  /** Lets running exports end, for as long as given, then ends the connections. */
  readonly close: (graceMs: number) => Promise<void>;
}

/**
 * OTLP over gRPC, without TLS, packed or not. gRPC's own server would gather each message whole before
 * anyone could say that there is no room; here what arrives is counted as it arrives.
 */
export async function listenForGrpc(options: OtlpGrpcOptions): Promise<GrpcListener> {
  const limits = { ...clientLimits, keepAliveMs, ...options.limits };
  const connections = new Connections<ServerHttp2Session>(limits.connections, (session) => {
    closeSession(session, 0);
  });
  const accept = (): Http2Server => {
    const server = createServer({
      settings: { maxConcurrentStreams: streamsPerConnection, enablePush: false },
      maxHeaderListPairs: 64,
    });
    server.on("session", (session) => {
      if (connections.add(session)) {
        endWhenIdle(session, limits, () => connections.isServed(session));
      }
    });
    // Who speaks another protocol, or breaks this one, is cut off; that is no news.
    server.on("sessionError", () => {});
    server.on("stream", (stream, headers) => {
      void answerStream(stream, headers, { ...options, limits, connections });
    });
    return server;
  };
  const listening = await listenOnHosts(accept, options.hosts, options.port);
  return { ...listening, close: (graceMs) => close([...connections], listening, graceMs) };
}

async function answerStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: Answering,
): Promise<void> {
  stream.on("error", () => {});
  // A stream on which nothing moves for so long is given up, with the room that it holds.
  stream.setTimeout(options.limits.readingMs, () => stream.close());
  if (!/^application\/grpc(\+proto)?\s*(;|$)/i.test(headers["content-type"] ?? "")) {
    stream.respond({ ":status": 415 }, { endStream: true });
    stream.close();
    return;
  }
  if (headers[":method"] !== "POST" || headers[":path"] !== grpcMethod) {
    refuseCall(stream, { code: unimplemented, message: `There is only ${grpcMethod} here.` });
    return;
  }
  const codings = parseCodings(headers["grpc-encoding"]);
  if (codings === undefined) {
    const message = `Send messages with grpc-encoding ${knownCodings.join(" or ")}.`;
    refuseCall(stream, { code: unimplemented, message });
    return;
  }
  await answerExport(stream, codings, options);
}

async function answerExport(
  stream: ServerHttp2Stream,
  codings: readonly Coding[],
  { ingest, maxMessageBytes, limits, connections }: Answering,
): Promise<void> {
  const reservation = ingest.reserve();
  const session = stream.session as ServerHttp2Session;
  // However many bytes trickle in: a call that is not there whole by then is given up.
  const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), limits.requestMs);
  let isWhole = false;
  try {
    const message = await readMessage(stream, {
      maxBytes: maxMessageBytes,
      codings,
      grow: reservation.grow,
    });
    clearTimeout(late);
    isWhole = true;
    connections.begin(session);
    answerCall(stream, encodeResponse(await ingest.take(message, decodeProtobuf, reservation)));
  } catch (cause) {
    const error = ReceiverError.from(cause);
    ingest.refused(error);
    const { grpc: code, message, retryAfterSeconds } = error.toAnswer();
    refuseCall(stream, { code, message, retryAfterSeconds });
  } finally {
    clearTimeout(late);
    if (isWhole) {
      connections.end(session);
    }
    reservation.release();
  }
}

/**
 * Ends a session without streams: soon when it was never served, as one that only connected or speaks
 * no HTTP/2, and later when it was.
 */
function endWhenIdle(
  session: ServerHttp2Session,
  { headersMs, keepAliveMs: idleMs }: ClientLimits,
  isServed: () => boolean,
): void {
  let streams = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    timer = setTimeout(
      () => closeSession(session, closeTimeoutMs),
      isServed() ? idleMs : headersMs,
    );
  };
  session.on("stream", (stream) => {
    streams += 1;
    clearTimeout(timer);
    stream.once("close", () => {
      streams -= 1;
      if (streams === 0 && !session.destroyed) {
        wait();
      }
    });
  });
  session.once("close", () => clearTimeout(timer));
  wait();
}

function closeSession(session: ServerHttp2Session, limitMs: number): void {
  // What the client had under way when it was told is not begun here, and it knows to send it anew.
  session.close();
  const force = setTimeout(() => session.destroy(), limitMs);
  session.once("close", () => clearTimeout(force));
}

async function close(
  sessions: readonly ServerHttp2Session[],
  listening: Listening,
  graceMs: number,
): Promise<void> {
  const closed = sessions.map(
    (session) => new Promise<void>((resolve) => session.once("close", resolve)),
  );
  listening.stop();
  for (const session of sessions) {
    // It closes when its last call is answered. A newer Node has told it already.
    session.close();
  }
  const force = setTimeout(() => {
    for (const session of sessions) {
      session.destroy();
    }
  }, graceMs);
  await Promise.all(closed);
  clearTimeout(force);
}

const common = { ":status": 200, "content-type": "application/grpc+proto" } as const;
const acceptEncoding = { "grpc-accept-encoding": "identity,gzip,deflate" } as const;

/** Ends a call well, with its one message. */
function answerCall(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) {
    return;
  }
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.respond({ ...common, ...acceptEncoding }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.concat([prefix, message]));
}

/** How long a client may go on sending what nobody wants. */
const lingerMs = 1_000;

/** Ends a call with a status alone, and keeps nothing more of what is still sent. */
function refuseCall(stream: ServerHttp2Stream, status: Status): void {
  if (stream.destroyed || stream.closed) {
    return;
  }
  stream.respond(
    {
      ...common,
      ...acceptEncoding,
      "grpc-status": String(status.code),
      "grpc-message": percentEncoded(status.message),
      "grpc-status-details-bin": encodeStatus(status).toString("base64"),
    },
    { endStream: true },
  );
  // To reset the stream now would overtake the answer. What comes until then is let go.
  stream.resume();
  const closing = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs).unref();
  stream.once("close", () => clearTimeout(closing));
}

/** gRPC's messages are ASCII, with a percent sign before what is not. */
function percentEncoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}

interface MessageOptions {
  /** Of the message when it is unpacked. */
  readonly maxBytes: number;
  /** What a message may be packed with; empty when it must not be. */
  readonly codings: readonly Coding[];
  /** Is told of bytes before they are kept, and may throw. */
  readonly grow: (by: number) => void;
}

/** One byte says whether the message is packed, four how long it is. */
const prefixBytes = 5;

/**
 * The one message that a call without streaming has.
 * @throws ReceiverError when it is too large, not whole, or not alone; or what `grow` throws.
 */
async function readMessage(stream: Readable, options: MessageOptions): Promise<Buffer> {
  const { maxBytes, grow } = options;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let expected: number | undefined;
  // The stream must not be destroyed with the loop: it has to carry the answer.
  const iterator: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  for await (const chunk of iterator) {
    bytes += chunk.length;
    grow(chunk.length);
    chunks.push(chunk);
    expected ??= bytes < prefixBytes ? undefined : prefixBytes + sumLengths(chunks);
    if (expected !== undefined && expected - prefixBytes > maxBytes) {
      throw tooLarge(maxBytes);
    }
    if (bytes > (expected ?? prefixBytes)) {
      throw new ReceiverError("malformed", {
        fault: "The call holds more than the one message it is for.",
      });
    }
  }
  if (expected === undefined || bytes < expected) {
    throw new ReceiverError("malformed", { fault: "The call ended before its message did." });
  }
  const whole = Buffer.concat(chunks);
  return await unpacked(whole.readUInt8(0), whole.subarray(prefixBytes), options);
}

function sumLengths(chunks: readonly Buffer[]): number {
  const [first] = chunks;
  const start = first !== undefined && first.length >= prefixBytes ? first : Buffer.concat(chunks);
  return start.readUInt32BE(1);
}

async function unpacked(
  packing: number,
  message: Buffer,
  { maxBytes, codings, grow }: MessageOptions,
): Promise<Buffer> {
  if (packing === 0) {
    return message;
  }
  if (packing !== 1 || codings.length === 0) {
    throw new ReceiverError("malformed", {
      fault: "The message is packed in a way that the call does not name.",
    });
  }
  return await unpack(message, codings, maxBytes, grow);
}
