import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Span } from "#contract";
import type { AllowedCallers } from "../access.ts";
import type { ClientLimits } from "../client-limits.ts";
import { send } from "../http-listener.ts";
import type { TraceqlEngine } from "../traceql/index.ts";
import type { WriteFiles } from "./answer-export.ts";
import type { ApiLimits } from "./limits.ts";
import type { QuerySlots } from "./query-slots.ts";

/** What the API asks of a store. */
export interface TraceSource {
  /** @param traceId 32 lower-case hexadecimal digits. */
  readonly readTrace: (traceId: string) => Promise<Span[]>;
  /** Rejects when the store cannot answer any more. */
  readonly check: () => Promise<void>;
  readonly exportParquet: WriteFiles;
}

export interface TempoApiOptions {
  readonly hosts: readonly string[];
  readonly port: number;
  /** Who may call besides what is on this machine; nobody unless given. */
  readonly allowed?: AllowedCallers | undefined;
  /** What clients may keep and for how long, where it is not as usual. */
  readonly clientLimits?: Partial<ClientLimits> | undefined;
  readonly store: TraceSource;
  readonly engine: TraceqlEngine;
  readonly limits: ApiLimits;
  /** What the receiver counted, or undefined while there is none. */
  readonly intakeCounts: () => unknown;
  /** The version of this project. */
  readonly version: string;
  readonly onReadFailed: (error: unknown) => void;
}

/** A request on its way through the routes. */
export interface ApiRequest {
  readonly response: ServerResponse;
  readonly acceptsProtobuf: boolean;
  readonly acceptsGzip: boolean;
  /** What the pattern's group matched in the path, decoded. */
  readonly parameter: string;
  /** The parameters of the address. */
  readonly search: URLSearchParams;
  readonly options: TempoApiOptions;
  /** Where queries wait for their turn, and where traces by id do. */
  readonly slots: QuerySlots;
  readonly traceSlots: QuerySlots;
}

/** As Tempo reads it: protobuf wherever it is named, else JSON. */
export function acceptsProtobuf(request: IncomingMessage): boolean {
  return /application\/protobuf/i.test(request.headers.accept ?? "");
}

/** `gzip` is in the list, and not with the weight 0, which forbids it. */
export function acceptsGzip(request: IncomingMessage): boolean {
  const codings = String(request.headers["accept-encoding"] ?? "").split(",");
  return codings.some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}

const gzipAsync = promisify(gzip);
const smallestToGzip = 1024;
/** The quickest: on one machine the bytes saved cost less than the time to save more of them. */
const gzipLevel = 1;
/** In steps of 16 KiB, as zlib makes them by itself, large answers take a fifth longer. */
const gzipStepBytes = 1024 * 1024;

/** What is answered, in the encodings that it has. */
export interface ApiAnswer {
  readonly jsonText: () => string;
  readonly protobuf?: () => Buffer;
}

export async function sendAnswer(request: ApiRequest, answer: ApiAnswer): Promise<void> {
  const { response } = request;
  const isProtobuf = request.acceptsProtobuf && answer.protobuf !== undefined;
  const body = isProtobuf ? answer.protobuf() : Buffer.from(answer.jsonText());
  const headers = {
    "content-type": isProtobuf ? "application/protobuf" : "application/json",
    vary: "accept, accept-encoding, origin",
  };
  if (!request.acceptsGzip || body.length < smallestToGzip) {
    send(response, 200, headers, body);
  } else {
    const packed = await gzipAsync(body, {
      level: gzipLevel,
      chunkSize: Math.min(body.length, gzipStepBytes),
    });
    send(response, 200, { ...headers, "content-encoding": "gzip" }, packed);
  }
}
