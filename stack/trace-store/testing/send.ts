import { request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import * as grpc from "@grpc/grpc-js";
import { grpcMethod } from "../receiver/protocol.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** One request by node:http, which lets a test write `Host` and `Origin` as it likes. */
export function send(options: {
  port: number;
  path: string;
  method?: string;
  host?: string;
  headers?: OutgoingHttpHeaders;
  body?: Buffer | string;
}): Promise<HttpAnswer> {
  const { port, path, method = "GET", host = "127.0.0.1", headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host, port, path, method, headers, agent: false });
    request.on("error", reject);
    request.on("response", async (response) => {
      try {
        const chunks = await response.toArray();
        const { statusCode = 0, headers: answered } = response;
        resolve({ status: statusCode, headers: answered, body: Buffer.concat(chunks) });
      } catch (error) {
        reject(error);
      }
    });
    request.end(body);
  });
}

export interface GrpcExporter {
  /** Resolves with the answer's bytes, or rejects with grpc-js's ServiceError. */
  readonly export: (message: Buffer) => Promise<Buffer>;
  readonly close: () => void;
}

/** A client of the trace service that sends bytes as they are given. */
export function grpcExporter(
  port: number,
  options: { host?: string; compression?: grpc.compressionAlgorithms } = {},
): GrpcExporter {
  const { host = "127.0.0.1", compression = grpc.compressionAlgorithms.identity } = options;
  const client = new grpc.Client(`${host}:${port}`, grpc.credentials.createInsecure(), {
    "grpc.default_compression_algorithm": compression,
    // Clients of one process would share a connection otherwise, which those of several never do.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 200,
  });
  return {
    export: (message) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          grpcMethod,
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => bytes,
          message,
          { deadline: Date.now() + 30_000 },
          (error: grpc.ServiceError | null, answer?: Buffer) =>
            error ? reject(error) : resolve(answer as Buffer),
        );
      }),
    close: () => client.close(),
  };
}
