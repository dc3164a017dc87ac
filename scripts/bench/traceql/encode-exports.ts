import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { type KeyValue, type Span, spanKinds, statusCodes, type Value } from "#contract";
import { checkout } from "../../../stack/index.ts";

/** What OTLP's own definitions make of protobufjs's plain messages. */
const request = lookUpRequest();

/** One `ExportTraceServiceRequest` as it goes over the wire. */
export interface EncodedExport {
  readonly body: Buffer;
  readonly spans: number;
}

/** @param spans Of one resource and one scope, that of the first. */
export function encodeExport(spans: readonly Span[]): EncodedExport {
  const [first] = spans;
  const message = {
    resourceSpans: [
      {
        resource: { attributes: first?.resource.attributes.map(encodeAttribute) ?? [] },
        scopeSpans: [{ scope: { name: first?.scope.name ?? "" }, spans: spans.map(encodeSpan) }],
      },
    ],
  };
  return { body: Buffer.from(request.encode(message).finish()), spans: spans.length };
}

function lookUpRequest(): protobuf.Type {
  const root = new protobuf.Root();
  const folder = join(checkout, "stack", "trace-store", "receiver", "opentelemetry-proto");
  root.resolvePath = (_origin, target) => join(folder, target);
  root.loadSync("opentelemetry/proto/collector/trace/v1/trace_service.proto");
  return root.lookupType("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest");
}

function encodeSpan(span: Span): Record<string, unknown> {
  return {
    traceId: Buffer.from(span.traceId, "hex"),
    spanId: Buffer.from(span.spanId, "hex"),
    ...(span.parentSpanId === null ? {} : { parentSpanId: Buffer.from(span.parentSpanId, "hex") }),
    flags: span.flags,
    name: span.name,
    kind: spanKinds.indexOf(span.kind),
    startTimeUnixNano: halves(span.startTimeUnixNano),
    endTimeUnixNano: halves(span.endTimeUnixNano),
    attributes: span.attributes.map(encodeAttribute),
    events: span.events.map(({ timeUnixNano, name, attributes }) => ({
      timeUnixNano: halves(timeUnixNano),
      name,
      attributes: attributes.map(encodeAttribute),
    })),
    status: { code: statusCodes.indexOf(span.status.code), message: span.status.message },
  };
}

/** 64 bits as protobufjs takes them where a number would not be exact. */
function halves(value: bigint): { low: number; high: number; unsigned: boolean } {
  return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n), unsigned: true };
}

function encodeAttribute({ key, value }: KeyValue): Record<string, unknown> {
  return { key, value: encodeAnyValue(value) };
}

/** The traces of the bench have no other values. */
function encodeAnyValue(value: Value): Record<string, unknown> {
  switch (value.type) {
    case "string":
      return { stringValue: value.value };
    case "bool":
      return { boolValue: value.value };
    case "int":
      return { intValue: Number(value.value) };
    case "double":
      return { doubleValue: value.value };
    default:
      throw new TypeError(`No span of the bench has a value of the type ${value.type}.`);
  }
}

const method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const answerLimitMs = 60_000;
/** Of exports that are refused for now, as OTLP wants it. */
const retryAfterMs = 50;

/** Sends one export and resolves when it is acknowledged; `"later"`: it was refused for now. */
interface ExportSender {
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
        if (error === null) {
          resolve("acknowledged");
        } else if (isForNow(error.code)) {
          resolve("later");
        } else {
          reject(error);
        }
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
    if (response.ok) {
      return "acknowledged";
    }
    if (response.status === 429 || response.status === 503) {
      return "later";
    }
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
      if (tries === 1) {
        latenciesMs.push(performance.now() - sentAt);
      }
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
    if ((await sender.send(body)) === "acknowledged") {
      return tries;
    }
    await delay(retryAfterMs);
  }
}
