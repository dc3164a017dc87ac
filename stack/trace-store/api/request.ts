import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import type { Span } from "#contract";
import { queryHintHeader } from "../../viewer/data/tempo-answers.ts";
import type { AllowedCallers } from "../access.ts";
import { send } from "../http-listener.ts";
import type { ClientLimits } from "../listen.ts";
import type { TraceqlEngine } from "../traceql/index.ts";
import { Turns } from "../turns.ts";
import type { WriteFiles } from "./answer-export.ts";
import type { ApiLimits } from "./limits.ts";
import type { QuerySlots } from "./query-slots.ts";

/** What the API asks of a store. */
export interface TraceSource {
  /** @param traceId 32 lower-case hexadecimal digits. */
  readonly readTraceInParts: (traceId: string, signal: AbortSignal) => AsyncIterable<Span[]>;
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
  readonly ingestCounts: () => unknown;
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

/** What an answer is made of, one after the other. Nothing is made before it is asked for. */
type Pieces<Piece> = Iterable<Piece> | AsyncIterable<Piece>;

/** What is answered, in the encodings that it has. */
export interface ApiAnswer {
  readonly json: () => Pieces<string>;
  readonly protobuf?: () => Pieces<Uint8Array>;
  /** What the query may have mistyped: sentences of printable ASCII. */
  readonly hints?: readonly string[];
}

const gzipAsync = promisify(gzip);
const smallestToGzip = 1024;
/** The quickest: on one machine the bytes saved cost less than the time to save more of them. */
const gzipLevel = 1;
/** In steps of 16 KiB, as zlib makes them by itself, large answers take a fifth longer. */
const gzipStepBytes = 1024 * 1024;
/** What is larger is sent in blocks of this size, as it is made and as the client reads it. */
const blockBytes = 1024 * 1024;

/** @throws the signal's reason, or what making a piece throws; then nothing was sent, or a part. */
export async function sendAnswer(
  request: ApiRequest,
  answer: ApiAnswer,
  signal?: AbortSignal,
): Promise<void> {
  const { response } = request;
  const { hints = [] } = answer;
  const isProtobuf = request.acceptsProtobuf && answer.protobuf !== undefined;
  const blocks = inBlocks(isProtobuf ? answer.protobuf() : answer.json());
  const headers = {
    "content-type": isProtobuf ? "application/protobuf" : "application/json",
    vary: "accept, accept-encoding, origin",
    ...(hints.length === 0 ? {} : { [queryHintHeader]: hints.join(" ") }),
  };
  const packed = { ...headers, "content-encoding": "gzip" };
  const first = (await blocks.next()).value ?? Buffer.alloc(0);
  const isPacked = request.acceptsGzip && first.length >= smallestToGzip;
  if (first.length >= blockBytes) {
    response.writeHead(200, isPacked ? packed : headers);
    const packing = isPacked ? [createGzip({ level: gzipLevel, chunkSize: gzipStepBytes })] : [];
    await pipeline([Readable.from(following(first, blocks)), ...packing, response], { signal });
  } else if (isPacked) {
    const options = { level: gzipLevel, chunkSize: Math.min(first.length, gzipStepBytes) };
    send(response, 200, packed, await gzipAsync(first, options));
  } else {
    send(response, 200, headers, first);
  }
}

/** All but the last have the size of a block. Others have their turn meanwhile. */
async function* inBlocks(pieces: Pieces<string | Uint8Array>): AsyncGenerator<Buffer, undefined> {
  const turns = new Turns();
  let block: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    const part = typeof piece === "string" ? Buffer.from(piece) : piece;
    block.push(part);
    bytes += part.length;
    if (bytes >= blockBytes) {
      yield Buffer.concat(block);
      block = [];
      bytes = 0;
    }
    if (turns.isOver) {
      await turns.next();
    }
  }
  yield Buffer.concat(block);
}

async function* following(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}
