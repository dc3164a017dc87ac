import { type Contract, type GeneratedFile, maxTextCharacters } from "#contract";
import { serviceNames } from "../../pipeline/collector/collector.ts";
import { inTempo } from "../../pipeline/environment.ts";
import { dedicatedColumns } from "../../pipeline/tempo/dedicated-columns.ts";
import { metricDimensions } from "../../pipeline/tempo/span-metrics.ts";
import { columnsSentence } from "../../pipeline/tempo/tempo.ts";
import { yamlFile } from "../../pipeline/yaml-file.ts";
import { distributedSettings as settings } from "./settings.ts";

/** Spans that are as late as after an outage of a day still belong where they were. */
const lateness = { ingestion_time_range_slack: "48h" };

/** One configuration for all parts of Tempo: each is started with a target of its own. */
export function distributedTempoFile(contracts: readonly Contract[]): GeneratedFile {
  return yamlFile({
    name: "scale/tempo.yaml",
    source: "the contracts, stack/deployment/pipeline/tempo/ and stack/deployment/scale/tempo/",
    brief: [
      `Tempo 3.0.3 in parts, for the traces of ${serviceNames(contracts)}. Each part is started with -config.expand-env=true`,
      "and its own -target: distributor, live-store, block-builder, querier, query-frontend, backend-scheduler,",
      "backend-worker, metrics-generator-no-local-blocks. Kafka is between the first and the rest.",
      "",
    ],
    settings,
    content: distributedConfig(contracts),
    reasons: {
      "ingest.kafka":
        "Tempo 3.0.3 has a password for Kafka and no TLS: keep Kafka in a network of its own.",
      "storage.trace.block.parquet_dedicated_columns": columnsSentence(contracts),
      "overrides.defaults.ingestion.max_traces_per_user":
        "No limit: above one, spans are dropped and nobody is told.",
      "overrides.defaults.ingestion.rate_strategy":
        "For all distributors together, whatever their number.",
      "query_frontend.query_end_cutoff": "By default searches do not see the newest 30 seconds.",
    },
  });
}

/** @returns the configuration, whole: also what a Helm chart would fill in by itself. */
function distributedConfig(contracts: readonly Contract[]): object {
  const data = inTempo(settings.dataDirectory);
  const ring = { kvstore: { store: "memberlist" } };
  return {
    ...contractParts(contracts),
    server: {
      http_listen_port: inTempo(settings.port),
      grpc_listen_port: inTempo(settings.grpcPort),
      log_level: "warn",
      ...createServerTls(),
    },
    memberlist: {
      bind_port: inTempo(settings.memberPort),
      join_members: [inTempo(settings.members)],
      abort_if_cluster_join_fails: false,
      ...createClientTls(),
    },
    ingest: {
      kafka: {
        address: inTempo(settings.kafka),
        topic: "tempo-traces",
        sasl_username: inTempo(settings.kafkaUser),
        sasl_password: inTempo(settings.kafkaPassword),
        auto_create_topic_default_partitions: inTempo(settings.partitions),
      },
    },
    block_builder: {
      partitions_per_instance: 1,
      wal: { path: `${data}/block-builder`, ...lateness },
    },
    backend_worker: { backend_scheduler_addr: inTempo(settings.scheduler), ring },
    querier: {
      frontend_worker: {
        frontend_address: inTempo(settings.frontend),
        grpc_client_config: createClientTls(),
      },
    },
    usage_report: { reporting_enabled: false },
  };
}

/** What is the same however the parts are started: columns, limits, retention, TLS, where blocks are. */
export function contractParts(contracts: readonly Contract[]) {
  const data = inTempo(settings.dataDirectory);
  const client = { grpc_client_config: createClientTls() };
  return {
    stream_over_http_enabled: true,
    distributor: {
      receivers: {
        otlp: {
          protocols: { grpc: { endpoint: inTempo(settings.otlpGrpc), tls: createReceiverTls() } },
        },
      },
      max_attribute_bytes: 3 * maxTextCharacters,
      retry_after_on_resource_exhausted: "1s",
    },
    live_store_client: client,
    backend_scheduler_client: client,
    live_store: {
      max_trace_idle: "2s",
      flush_check_period: "2s",
      shutdown_marker_dir: `${data}/shutdown`,
      wal: { path: `${data}/live`, ...lateness },
    },
    backend_scheduler: {
      local_work_path: `${data}/work`,
      provider: { compaction: { compaction: { block_retention: inTempo(settings.retention) } } },
    },
    query_frontend: { query_end_cutoff: "5s" },
    metrics_generator: {
      metrics_ingestion_time_range_slack: "1h",
      storage: {
        path: `${data}/metrics`,
        remote_write: [
          {
            url: inTempo(settings.remoteWrite),
            send_exemplars: true,
            tls_config: { ca_file: inTempo(settings.remoteWriteAuthority) },
          },
        ],
      },
      processor: {
        span_metrics: { dimensions: metricDimensions(contracts).map(({ key }) => key) },
      },
    },
    storage: {
      trace: {
        backend: "s3",
        s3: {
          bucket: inTempo(settings.bucket),
          endpoint: inTempo(settings.storage),
          access_key: inTempo(settings.storageKey),
          secret_key: inTempo(settings.storageSecret),
        },
        blocklist_poll: "1m",
        wal: { path: `${data}/wal`, ...lateness },
        block: { version: "vParquet5", parquet_dedicated_columns: dedicatedColumns(contracts) },
      },
    },
    overrides: { defaults: overrides() },
  } as const;
}

function overrides() {
  return {
    global: { max_bytes_per_trace: 0 },
    ingestion: {
      rate_strategy: "global",
      rate_limit_bytes: 200_000_000,
      burst_size_bytes: 400_000_000,
      max_traces_per_user: 0,
    },
    metrics_generator: {
      processors: ["span-metrics", "service-graphs"],
      max_active_series: 100_000,
    },
  };
}

function certificate(name: "tls.crt" | "tls.key" | "ca.crt"): string {
  return `${inTempo(settings.certificates)}/${name}`;
}

/** Agents of other people have no certificate of ours: only who shows one is heard. */
function createReceiverTls() {
  return {
    cert_file: certificate("tls.crt"),
    key_file: certificate("tls.key"),
    client_ca_file: certificate("ca.crt"),
  };
}

/** What each part asks of the others that call it. */
export function createServerTls() {
  return {
    grpc_tls_config: {
      ...createReceiverTls(),
      client_auth_type: "RequireAndVerifyClientCert",
    },
  };
}

/** What each part shows to the others. */
export function createClientTls() {
  return {
    tls_enabled: true,
    tls_cert_path: certificate("tls.crt"),
    tls_key_path: certificate("tls.key"),
    tls_ca_path: certificate("ca.crt"),
    tls_server_name: inTempo(settings.tlsName),
  };
}
