import { readFileSync } from "node:fs";
import type { Contract, Span } from "#contract";
import type { Mended } from "../private-files.ts";
import type { AllowedCallers } from "./access.ts";
import { type ApiLimits, defaultLimits, startTempoApi } from "./api/index.ts";
import { type Filtered, IngestLog } from "./ingest-log.ts";
import { type EmbeddedPorts, namePort } from "./ports.ts";
import { type Receiver, startReceiver } from "./receiver/index.ts";
import {
  type Deletion,
  explainFailure,
  isHalted,
  openStore,
  type RetentionLimits,
  type Store,
  StoreError,
} from "./store/index.ts";
import { createTraceqlEngine } from "./traceql/index.ts";

export type { EmbeddedPorts } from "./ports.ts";

export interface EmbeddedStackOptions {
  readonly dataDirectory: string;
  readonly ports: EmbeddedPorts;
  readonly hosts: readonly string[];
  /** Who may call over HTTP besides what is on this machine; nobody unless given. */
  readonly allowed?: AllowedCallers;
  /** What queries may ask for, where it is not as usual. */
  readonly limits?: Partial<ApiLimits>;
  /** What the store deletes by and by. Nothing unless given. */
  readonly retention?: RetentionLimits;
  /** Names, keys and values that are longer are cut. 65,536 unless given. */
  readonly textLimitBytes?: number;
  /** Whether the spans of the contracts' services are left with nothing but what it declares. */
  readonly isAllowListOn?: boolean;
  readonly onEvent?: (event: EmbeddedEvent) => void;
}

/** What happens while the stack runs and nobody gets as an error. Nothing of a span is in it. */
export type EmbeddedEvent =
  /** Spans were refused, changed or cut before they were stored. At most one a minute, with all. */
  | ({ readonly type: "spans_filtered" } & Filtered)
  /** The machine lacks a host, as `::1` where there is no IPv6; the others are served. */
  | { readonly type: "host_missing"; readonly host: string }
  /** Spans were not stored; their sender was told to send them again. */
  | { readonly type: "append_failed"; readonly code: string; readonly message: string }
  | { readonly type: "read_failed"; readonly code: string; readonly message: string }
  /** Old spans were deleted, as the retention asks. */
  | ({ readonly type: "spans_deleted" } & Deletion)
  /** Files of an earlier version could be read by others. */
  | ({ readonly type: "privacy_mended" } & Mended)
  /** A checkpoint, or deleting old spans, failed. It will be tried again. */
  | { readonly type: "upkeep_failed"; readonly code: string; readonly message: string };

export interface EmbeddedStack {
  readonly ports: EmbeddedPorts;
  /** Ends with everything that was acknowledged in the store's one file. */
  readonly close: () => Promise<void>;
}

const graceMs = 5_000;

/**
 * The embedded trace store: OTLP in, DuckDB on disk, Tempo's API out.
 *
 *   receiver/  OTLP over gRPC and HTTP → spans in the contract's plain form
 *   store/     spans → columns → durable commits; a trace by its id
 *   traceql/   queries → SQL on the store's tables → answers
 *   api/       Tempo's HTTP API over the store
 *
 * Each running call of DuckDB holds a thread of libuv's pool, and there are 4 of them unless
 * UV_THREADPOOL_SIZE says otherwise: slow queries would then make commits wait. Whoever starts this
 * in a process of its own starts it as store-process.ts says; set later, it does nothing.
 *
 * When this resolves, all of it answers.
 * @throws StoreError for the store, EmbeddedStackError for a port; nothing is left open.
 */
export async function startEmbeddedStack(
  contracts: readonly Contract[],
  options: EmbeddedStackOptions,
): Promise<EmbeddedStack> {
  const { hosts, ports, allowed } = options;
  const report = options.onEvent ?? (() => {});
  const store = await openStore(contracts, {
    directory: options.dataDirectory,
    ...(options.retention === undefined ? {} : { retention: options.retention }),
    onEvent: (event) =>
      report(event.type === "upkeep_failed" ? failure("upkeep_failed", event.error) : event),
  });
  /** What is open, to be closed from the last to the first. */
  const opened: { close: () => Promise<void> }[] = [store];
  let receiver: Receiver | undefined;
  try {
    const api = await startTempoApi({
      hosts,
      port: ports.tempo,
      allowed,
      store,
      engine: createTraceqlEngine(store),
      limits: { ...defaultLimits, ...options.limits },
      version: readPackageVersion(),
      ingestCounts: () => receiver?.counts(),
      onReadFailed: (error) => report(failure("read_failed", error)),
    });
    opened.push({ close: () => api.close(graceMs) });
    const news = new IngestLog((filtered) => report({ type: "spans_filtered", ...filtered }));
    opened.push({ close: async () => news.close() });
    receiver = await startReceiver({
      hosts,
      allowed,
      grpcPort: ports.otlpGrpc,
      httpPort: ports.otlpHttp,
      accept: (spans) => accept(store, spans, report),
      onFiltered: ({ outcomes, removed }) => news.add({ outcomes, removed: { ...removed } }),
      ...(options.textLimitBytes === undefined ? {} : { textLimitBytes: options.textLimitBytes }),
      ...(options.isAllowListOn === true ? { allowListContracts: contracts } : {}),
    });
    opened.push(receiver);
    for (const host of receiver.missingHosts) {
      report({ type: "host_missing", host });
    }
    let closing: Promise<void> | undefined;
    return {
      ports: { tempo: api.port, otlpGrpc: receiver.grpcPort, otlpHttp: receiver.httpPort },
      close: () => {
        closing ??= closeAll(opened);
        return closing;
      },
    };
  } catch (error) {
    await closeAll(opened);
    throw namePort(error, ports);
  }
}

async function closeAll(opened: readonly { close: () => Promise<void> }[]): Promise<void> {
  for (const part of opened.toReversed()) {
    await part.close();
  }
}

async function accept(
  store: Store,
  spans: readonly Span[],
  report: (event: EmbeddedEvent) => void,
): Promise<void> {
  try {
    await store.append(spans);
  } catch (error) {
    report(failure("append_failed", error));
    throw error;
  }
}

function failure(
  type: "append_failed" | "read_failed" | "upkeep_failed",
  error: unknown,
): EmbeddedEvent {
  if (error instanceof StoreError && !isHalted(error)) {
    return { type, code: error.code, message: `${error.message} ${error.hint}` };
  }
  const { message, hint } = explainFailure("The database gave up", error);
  const code = isHalted(error) ? "store_halted" : "store_failed";
  return { type, code, message: `${message} ${hint}` };
}

function readPackageVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
