import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type Listening, listenOnHosts } from "../listen.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import { answerCall, refuseCall } from "./grpc-answer.ts";
import { readMessage } from "./grpc-message.ts";
import type { Intake } from "./intake.ts";
import { encodeResponse, grpcMethod } from "./protocol.ts";
import { ReceiverError } from "./receiver-error.ts";

/** More than any exporter has under way. Those on top are cut off, and not told when to come again. */
const streamsPerConnection = 128;
const connections = 64;
/** A stream on which nothing moves for so long is given up, with the room that it holds. */
const idleMs = 30_000;

/** Codes of gRPC's own, beside those of ReceiverError. */
const unimplemented = 12;

interface OtlpGrpcOptions {
  readonly intake: Intake;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly maxMessageBytes: number;
}

export interface GrpcListener extends Listening {
  /** Lets running exports end, for as long as given, then ends the connections. */
  readonly close: (graceMs: number) => Promise<void>;
}

/**
 * OTLP over gRPC, without TLS, gzip allowed. gRPC's own server would gather each message whole before
 * anyone could say that there is no room; here what arrives is counted as it arrives.
 */
export async function listenForGrpc(options: OtlpGrpcOptions): Promise<GrpcListener> {
  const sessions = new Set<ServerHttp2Session>();
  const accept = (): Http2Server => {
    const server = createServer({
      settings: { maxConcurrentStreams: streamsPerConnection, enablePush: false },
      maxHeaderListPairs: 64,
    });
    server.maxConnections = connections;
    server.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
    });
    // Who speaks another protocol, or breaks this one, is cut off; that is no news.
    server.on("sessionError", () => {});
    server.on("stream", (stream, headers) => void answerStream(stream, headers, options));
    return server;
  };
  const listening = await listenOnHosts(accept, options.hosts, options.port);
  return { ...listening, close: (graceMs) => close(sessions, listening, graceMs) };
}

async function answerStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: OtlpGrpcOptions,
): Promise<void> {
  stream.on("error", () => {});
  stream.setTimeout(idleMs, () => stream.close());
  if (!/^application\/grpc(\+proto)?(;|$)/.test(headers["content-type"] ?? "")) {
    stream.respond({ ":status": 415 }, { endStream: true });
    stream.close();
    return;
  }
  if (headers[":method"] !== "POST" || headers[":path"] !== grpcMethod) {
    refuseCall(stream, { code: unimplemented, message: `There is only ${grpcMethod} here.` });
    return;
  }
  const encoding = headers["grpc-encoding"] ?? "identity";
  if (encoding !== "gzip" && encoding !== "identity") {
    refuseCall(stream, { code: unimplemented, message: "Send messages as they are, or as gzip." });
    return;
  }
  await answerExport(stream, encoding === "gzip", options);
}

async function answerExport(
  stream: ServerHttp2Stream,
  isGzipAllowed: boolean,
  { intake, maxMessageBytes }: OtlpGrpcOptions,
): Promise<void> {
  const reservation = intake.reserve();
  try {
    const message = await readMessage(stream, {
      maxBytes: maxMessageBytes,
      isGzipAllowed,
      grow: reservation.grow,
    });
    answerCall(stream, encodeResponse(await intake.take(message, decodeProtobuf, reservation)));
  } catch (cause) {
    const error = ReceiverError.from(cause);
    intake.refused(error);
    const { grpc: code, retryAfterSeconds } = error.answer;
    refuseCall(stream, { code, message: error.message, retryAfterSeconds });
  } finally {
    reservation.release();
  }
}

async function close(
  sessions: ReadonlySet<ServerHttp2Session>,
  listening: Listening,
  graceMs: number,
): Promise<void> {
  const closed = [...sessions].map(
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
