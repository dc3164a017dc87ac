import type { Span } from "#contract";
import { listenForGrpc } from "./grpc.ts";
import { listenForOtlpHttp } from "./http.ts";
import { Intake } from "./intake.ts";

export interface ReceiverOptions {
  readonly hosts: readonly string[];
  /** 0 takes any that is free, the same on every host. */
  readonly grpcPort: number;
  readonly httpPort: number;
  /** The largest export that is taken, unpacked. 16 MiB unless given. */
  readonly maxMessageBytes?: number;
  /** What may be in memory of all exports together. 32 MiB unless given. */
  readonly maxBytesInFlight?: number;
  /** Resolves when the spans are safe: an export is answered only then. */
  readonly accept: (spans: Span[]) => Promise<void>;
}

export interface Receiver {
  readonly grpcPort: number;
  readonly httpPort: number;
  /** The hosts that the machine does not have; it may lack IPv6. The others are served. */
  readonly missingHosts: readonly string[];
  /** Takes no more exports, waits for those that are running, 5 s at most, and ends all connections. */
  readonly close: () => Promise<void>;
}

const mebibyte = 1024 * 1024;
const graceMs = 5_000;

/**
 * Starts to receive traces by OTLP, over gRPC and over HTTP (`POST /v1/traces`, protobuf and JSON).
 * An export of nothing is answered without `accept`. A span whose ids are none is refused and
 * counted in the answer, with the others of its export taken. Times are kept as they were sent.
 * @throws the error of `listen`, with `code` and `port`, when a port cannot be had; nothing stays open.
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { hosts, maxMessageBytes = 16 * mebibyte, maxBytesInFlight = 32 * mebibyte } = options;
  const intake = new Intake({ accept: options.accept, maxBytesInFlight });
  const grpc = await listenForGrpc({ intake, hosts, port: options.grpcPort, maxMessageBytes });
  try {
    const http = await listenForOtlpHttp({
      intake,
      hosts,
      port: options.httpPort,
      maxMessageBytes,
    });
    return {
      grpcPort: grpc.port,
      httpPort: http.port,
      missingHosts: [...new Set([...grpc.missingHosts, ...http.missingHosts])],
      close: async () => {
        await Promise.all([grpc.close(graceMs), http.close(graceMs)]);
      },
    };
  } catch (error) {
    await grpc.close(0);
    throw error;
  }
}
