import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import type { EncodedExport } from "./encode-exports.ts";

const method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const answerLimitMs = 60_000;
/** Of exports that are refused for now, as OTLP wants it. */
const retryAfterMs = 50;

/** Sends one export and resolves when it is acknowledged; `"later"`: it was refused for now. */
export interface ExportSender {
  readonly send: (body: Buffer) => Promise<"acknowledged" | "later">;
  readonly close: () => void;
}

/** OTLP over gRPC, as the server exports. */
export function grpcSender(port: number): ExportSender {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const identity = (bytes: Buffer): Buffer => bytes;
  const send = (body: Buffer) =>
    new Promise<"acknowledged" | "later">((resolve, reject) => {
      const deadline = Date.now() + answerLimitMs;
      client.makeUnaryRequest(method, identity, identity, body, { deadline }, (error) => {
        if (error === null) resolve("acknowledged");
        else if (isForNow(error.code)) resolve("later");
        else reject(error);
      });
    });
  return { send, close: () => client.close() };
}

function isForNow(code: grpc.status): boolean {
  return code === grpc.status.RESOURCE_EXHAUSTED || code === grpc.status.UNAVAILABLE;
}

/** OTLP over HTTP. @param url Where the receiver listens, without the path. */
export function httpSender(url: string): ExportSender {
  const send = async (body: Buffer): Promise<"acknowledged" | "later"> => {
    const response = await fetch(new URL("/v1/traces", url), {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(answerLimitMs),
    });
    const answer = await response.arrayBuffer();
    if (response.ok) return "acknowledged";
    if (response.status === 429 || response.status === 503) return "later";
    throw new Error(`${url} refused an export (${response.status}): ${Buffer.from(answer)}`);
  };
  return { send, close: () => undefined };
}

export interface Sent {
  readonly spans: number;
  readonly elapsedMs: number;
  /** From the first byte sent to the acknowledgement, of each export that was acknowledged at once. */
  readonly latenciesMs: readonly number[];
  /** Exports that were refused for now, and sent again. */
  readonly refusals: number;
}

/**
 * Keeps so many exports in flight until all are acknowledged, or until it is told to stop; then those
 * in flight are still waited for.
 * @throws Error for an export that is refused for ever.
 */
export async function sendAll(
  sender: ExportSender,
  load: readonly EncodedExport[],
  options: {
    readonly inFlight: number;
    readonly isOver?: () => boolean;
    readonly progress?: (share: number) => void;
  },
): Promise<Sent> {
  const latenciesMs: number[] = [];
  let [next, spans, refusals] = [0, 0, 0];
  const startedAt = performance.now();
  const sendOnAndOn = async (): Promise<void> => {
    while (next < load.length && options.isOver?.() !== true) {
      const one = load[next] as EncodedExport;
      next += 1;
      const sentAt = performance.now();
      const tries = await acknowledge(sender, one.body);
      if (tries === 1) latenciesMs.push(performance.now() - sentAt);
      refusals += tries - 1;
      spans += one.spans;
      options.progress?.(next / load.length);
    }
  };
  await Promise.all(Array.from({ length: options.inFlight }, sendOnAndOn));
  return { spans, elapsedMs: performance.now() - startedAt, latenciesMs, refusals };
}

async function acknowledge(sender: ExportSender, body: Buffer): Promise<number> {
  for (let tries = 1; ; tries++) {
    if ((await sender.send(body)) === "acknowledged") return tries;
    await delay(retryAfterMs);
  }
}
