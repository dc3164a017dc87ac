import { type Contract, DefinitionError, type GeneratedFile, maxTextCharacters } from "#contract";
import { inTempo, tempoSettings } from "../environment.ts";
import { yamlFile } from "../yaml-file.ts";
import { dedicatedColumns, withoutColumn } from "./dedicated-columns.ts";
import type { TempoConfig } from "./model.ts";
import { dimensionFaults, metricDimensions } from "./span-metrics.ts";

/** What differs between a developer's Tempo and one that others rely on. */
interface Purpose {
  readonly name: "development" | "production";
  readonly brief: string;
  /** How long a trace rests until it can be searched, and how often is looked. */
  readonly traceIdle: string;
  /** How much of the newest is kept out of searches and metrics, until all of it has arrived. */
  readonly endCutoff: string;
  readonly blocklistPoll: string;
  readonly retention: string;
  readonly shutdownLimit: string;
  readonly ingestBytesPerSecond: number;
}

const purposes: readonly Purpose[] = [
  {
    name: "development",
    brief: "What was sent is found by a search within half a second.",
    traceIdle: "200ms",
    endCutoff: "0s",
    blocklistPoll: "10s",
    retention: "336h",
    shutdownLimit: "1s",
    ingestBytesPerSecond: 200_000_000,
  },
  {
    name: "production",
    brief: "One process, which others rely on: searches and metrics wait until a trace is whole.",
    traceIdle: "2s",
    endCutoff: "5s",
    blocklistPoll: "30s",
    retention: "336h",
    shutdownLimit: "30s",
    ingestBytesPerSecond: 30_000_000,
  },
];

/**
 * Tempo's configuration, for each purpose.
 * @throws DefinitionError naming everything about the contract that Tempo would leave out silently.
 */
export function tempoFiles(contracts: readonly Contract[]): GeneratedFile[] {
  DefinitionError.throwIfAny("attributes", dimensionFaults(contracts));
  return purposes.map((purpose) =>
    yamlFile({
      name: `tempo/${purpose.name}.yaml`,
      source: "the contracts and stack/deployment/pipeline/tempo/",
      brief: [`Tempo 3.0.3, to be started with -config.expand-env=true. ${purpose.brief}`, ""],
      settings: tempoSettings,
      content: tempoConfig(contracts, purpose),
      reasons: { ...reasons, ...columnReason(contracts) },
    }),
  );
}

function columnReason(contracts: readonly Contract[]) {
  return { "storage.trace.block.parquet_dedicated_columns": columnsSentence(contracts) };
}

/** Which strings have a column, and which cannot be asked whether they are nil. */
export function columnsSentence(contracts: readonly Contract[]): string {
  const left = withoutColumn(contracts);
  return left.length === 0
    ? "Every string of the contract: only with a column of its own can one be asked whether it is nil."
    : `Only with a column can one be asked whether it is nil. Tempo takes no more: without are ${left.join(", ")}.`;
}

const reasons = {
  "distributor.max_attribute_bytes":
    "Longer texts would be cut. As many characters as the SDK's limit, each of three bytes.",
  "distributor.retry_after_on_resource_exhausted":
    "As long as a Collector waits with what is over the rate limit. At 0 it drops that.",
  "storage.trace.blocklist_poll":
    "What is older than 15 minutes is found only in blocks that were seen by then.",
  "storage.trace.wal.ingestion_time_range_slack":
    "Older spans, as after an outage, would be stored and never found by a search.",
  "query_frontend.query_end_cutoff": "By default searches do not see the newest 30 seconds.",
  "metrics_generator.metrics_ingestion_time_range_slack":
    "By default spans that arrive more than 30 seconds late are not counted.",
  "overrides.defaults.ingestion.burst_size_bytes":
    "More than any batch of the Collector: one that is larger would never be taken.",
  "overrides.defaults.ingestion.max_traces_per_user":
    "No limit: above one, spans are dropped and nobody is told.",
  "overrides.defaults.global.max_bytes_per_trace":
    "No limit: what is over one is dropped and nobody is told.",
};

function tempoConfig(contracts: readonly Contract[], purpose: Purpose): TempoConfig {
  const data = inTempo(tempoSettings.dataDirectory);
  const slack = { ingestion_time_range_slack: "48h" };
  return {
    stream_over_http_enabled: true,
    server: {
      http_listen_address: inTempo(tempoSettings.host),
      http_listen_port: inTempo(tempoSettings.port),
      grpc_listen_address: inTempo(tempoSettings.host),
      grpc_listen_port: inTempo(tempoSettings.grpcPort),
      log_level: "warn",
    },
    distributor: {
      receivers: {
        otlp: {
          protocols: {
            grpc: { endpoint: inTempo(tempoSettings.otlpGrpc) },
            http: { endpoint: inTempo(tempoSettings.otlpHttp) },
          },
        },
      },
      max_attribute_bytes: 3 * maxTextCharacters,
      retry_after_on_resource_exhausted: "1s",
    },
    storage: {
      trace: {
        backend: "local",
        blocklist_poll: purpose.blocklistPoll,
        wal: { path: `${data}/wal`, ...slack },
        local: { path: `${data}/blocks` },
        block: {
          version: "vParquet5",
          parquet_dedicated_columns: dedicatedColumns(contracts),
        },
      },
    },
    live_store: {
      max_trace_idle: purpose.traceIdle,
      flush_check_period: purpose.traceIdle,
      shutdown_marker_dir: `${data}/shutdown`,
      wal: { path: `${data}/live`, ...slack },
    },
    backend_scheduler: {
      local_work_path: `${data}/work`,
      provider: { compaction: { compaction: { block_retention: purpose.retention } } },
    },
    backend_worker: { finish_on_shutdown_timeout: purpose.shutdownLimit },
    query_frontend: { query_end_cutoff: purpose.endCutoff },
    metrics_generator: {
      metrics_ingestion_time_range_slack: "1h",
      storage: {
        path: `${data}/metrics`,
        remote_write: [{ url: inTempo(tempoSettings.remoteWrite), send_exemplars: true }],
      },
      processor: {
        span_metrics: { dimensions: metricDimensions(contracts).map(({ key }) => key) },
      },
    },
    overrides: { defaults: overridesFor(purpose) },
    usage_report: { reporting_enabled: false },
  };
}

function overridesFor({ ingestBytesPerSecond }: Purpose): TempoConfig["overrides"]["defaults"] {
  return {
    global: { max_bytes_per_trace: 0 },
    ingestion: {
      rate_limit_bytes: ingestBytesPerSecond,
      burst_size_bytes: 2 * ingestBytesPerSecond,
      max_traces_per_user: 0,
    },
    metrics_generator: {
      processors: ["span-metrics", "service-graphs"],
      max_active_series: 100_000,
    },
  };
}
