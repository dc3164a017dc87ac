import type { Contract, Span } from "#contract";
import type { AllowedCallers } from "../access.ts";
import type { ClientLimits } from "../listen.ts";
import { listenForGrpc } from "./grpc.ts";
import { listenForOtlpHttp } from "./http.ts";
import { type FilteredExport, Ingest } from "./ingest.ts";
import type { IngestCounts } from "./ingest-counters.ts";

export type { IngestCounts } from "./ingest-counters.ts";
export { addOutcomes, type OutcomeCounts, outcomeList } from "./outcomes.ts";
export { ReceiverError } from "./receiver-error.ts";

export interface ReceiverOptions {
  readonly hosts: readonly string[];
  /** 0 takes any that is free, the same on every host. */
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Who may call over HTTP besides what is on this machine; nobody unless given. */
  readonly allowed?: AllowedCallers | undefined;
  /** What clients may keep and for how long, where it is not as usual. */
  readonly limits?: Partial<ClientLimits> | undefined;
  /** The largest export that is taken, unpacked. 16 MiB unless given. */
  readonly maxMessageBytes?: number;
  /** What may be in memory of all exports together, as spans too. 128 MiB unless given. */
  readonly maxBytesInFlight?: number;
  /** Names, keys and values that are longer are cut. 65,536 unless given. */
  readonly textLimitBytes?: number;
  /** The contracts whose allow-lists are applied, each to the spans of its service. None unless given. */
  readonly allowListContracts?: readonly Contract[];
  /** What time it is, in milliseconds since 1970; the machine's unless given. */
  readonly nowMs?: () => number;
  /** Is told of each export of which something was not taken as it was sent. */
  readonly onFiltered?: (filtered: FilteredExport) => void;
  /** Resolves when the spans are safe: an export is answered only then. */
  readonly accept: (spans: readonly Span[]) => Promise<void>;
}

export interface Receiver {
  readonly grpcPort: number;
  readonly httpPort: number;
  /** The hosts that the machine does not have; it may lack IPv6. The others are served. */
  readonly missingHosts: readonly string[];
  /** What came in until now. */
  readonly counts: () => IngestCounts;
  /** Takes no more exports, waits for those that are running, 5 s at most, and ends all connections. */
  readonly close: () => Promise<void>;
}

const mebibyte = 1024 * 1024;
const graceMs = 5_000;

/**
 * Starts to receive traces by OTLP, over gRPC and over HTTP (`POST /v1/traces`, protobuf and JSON).
 * An export of nothing is answered without `accept`. A span whose ids are none, or that cannot be
 * read, is refused and counted in the answer, with the others of its export taken. What can be mended
 * is: outcomes.ts lists all of that.
 * Whatever is sent, by however many, no more of it is in memory than `maxBytesInFlight`, one export
 * alone excepted: what is on top is refused with a time to come again.
 * @throws the error of `listen`, with `code` and `port`, when a port cannot be had; nothing stays open.
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { hosts, limits, allowed, maxMessageBytes = 16 * mebibyte } = options;
  const ingest = new Ingest({
    accept: options.accept,
    maxBytesInFlight: options.maxBytesInFlight ?? 128 * mebibyte,
    textLimitBytes: options.textLimitBytes ?? 65_536,
    nowMs: options.nowMs ?? Date.now,
    allowListContracts: options.allowListContracts ?? [],
    onFiltered: options.onFiltered ?? (() => {}),
  });
  const common = { ingest, hosts, limits, maxMessageBytes };
  const grpc = await listenForGrpc({ ...common, port: options.grpcPort });
  try {
    const http = await listenForOtlpHttp({ ...common, allowed, port: options.httpPort });
    return {
      grpcPort: grpc.port,
      httpPort: http.port,
      missingHosts: [...new Set([...grpc.missingHosts, ...http.missingHosts])],
      counts: () => ingest.counts(),
      close: async () => {
        await Promise.all([grpc.close(graceMs), http.close(graceMs)]);
      },
    };
  } catch (error) {
    await grpc.close(0);
    throw error;
  }
}
