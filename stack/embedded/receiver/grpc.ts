import { createServer, type Server as NetServer } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { type Listening, listenOnHosts } from "../listen.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import type { Intake } from "./intake.ts";
import { encodeResponse, encodeStatus, grpcMethod } from "./protocol.ts";
import { ReceiverError } from "./receiver-error.ts";

/** Each connection may hold this many exports at once, before the intake counts them. */
const streamsPerConnection = 16;
const connections = 64;

/** Bytes in, bytes out: decoding happens in the handler, where a malformed message gets its own status. */
const service = {
  export: {
    path: grpcMethod,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: Buffer) => message,
    requestDeserialize: (message: Buffer) => message,
    responseSerialize: (message: Buffer) => message,
    responseDeserialize: (message: Buffer) => message,
  },
} satisfies grpc.ServiceDefinition;

export interface GrpcListener extends Listening {
  /** Lets running exports end, for as long as given, then ends the connections. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** OTLP over gRPC, without TLS, gzip allowed. */
export async function listenForGrpc(options: {
  intake: Intake;
  hosts: readonly string[];
  port: number;
  maxMessageBytes: number;
}): Promise<GrpcListener> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": options.maxMessageBytes,
    "grpc.max_concurrent_streams": streamsPerConnection,
    "grpc.enable_channelz": 0,
  });
  server.addService(service, {
    export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) => {
      takeExport(options.intake, call.request).then(
        (response) => callback(null, response),
        (error) => callback(statusOf(error)),
      );
    },
  });
  // Sockets are accepted here and handed over: so it is known which port is taken and on which
  // host, and connections can be counted.
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  const accept = (): NetServer => {
    const listener = createServer((socket) => injector.injectConnection(socket));
    listener.maxConnections = connections;
    return listener;
  };
  const listening = await listenOnHosts(accept, options.hosts, options.port);
  return { ...listening, close: (graceMs) => close(server, listening, graceMs) };
}

async function takeExport(intake: Intake, message: Buffer): Promise<Buffer> {
  const reservation = intake.reserve();
  try {
    reservation.grow(message.length);
    return encodeResponse(await intake.take(message, decodeProtobuf));
  } finally {
    reservation.release();
  }
}

function statusOf(cause: unknown): Partial<grpc.StatusObject> {
  const { message, answer } = ReceiverError.from(cause);
  const metadata = new grpc.Metadata();
  metadata.set(
    "grpc-status-details-bin",
    encodeStatus({ code: answer.grpc, message, retryAfterSeconds: answer.retryAfterSeconds }),
  );
  return { code: answer.grpc, details: message, metadata };
}

async function close(server: grpc.Server, listening: Listening, graceMs: number): Promise<void> {
  listening.stop();
  const force = setTimeout(() => server.forceShutdown(), graceMs);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(force);
  server.forceShutdown();
}
