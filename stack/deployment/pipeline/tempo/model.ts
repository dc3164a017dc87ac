/** The parts of Tempo's configuration (3.0.3) that are used here, as it spells them. */
export interface TempoConfig {
  readonly stream_over_http_enabled: true;
  readonly server: {
    readonly http_listen_address: string;
    readonly http_listen_port: string;
    readonly grpc_listen_address: string;
    readonly grpc_listen_port: string;
    readonly log_level: "warn";
  };
  readonly distributor: {
    readonly receivers: {
      readonly otlp: {
        readonly protocols: Readonly<Record<"grpc" | "http", { readonly endpoint: string }>>;
      };
    };
    readonly max_attribute_bytes: number;
    readonly retry_after_on_resource_exhausted: string;
  };
  readonly storage: {
    readonly trace: {
      readonly backend: "local";
      readonly blocklist_poll: string;
      readonly wal: WriteAheadLog;
      readonly local: { readonly path: string };
      readonly block: {
        readonly version: "vParquet5";
        readonly parquet_dedicated_columns: readonly DedicatedColumn[];
      };
    };
  };
  readonly live_store: {
    readonly max_trace_idle: string;
    readonly flush_check_period: string;
    readonly shutdown_marker_dir: string;
    readonly wal: WriteAheadLog;
  };
  readonly backend_scheduler: {
    readonly local_work_path: string;
    readonly provider: {
      readonly compaction: { readonly compaction: { readonly block_retention: string } };
    };
  };
  readonly backend_worker: { readonly finish_on_shutdown_timeout: string };
  readonly query_frontend: { readonly query_end_cutoff: string };
  readonly metrics_generator: {
    readonly metrics_ingestion_time_range_slack: string;
    readonly storage: {
      readonly path: string;
      readonly remote_write: readonly { readonly url: string; readonly send_exemplars: true }[];
    };
    readonly processor: { readonly span_metrics: { readonly dimensions: readonly string[] } };
  };
  readonly overrides: { readonly defaults: Overrides };
  readonly usage_report: { readonly reporting_enabled: false };
}

interface WriteAheadLog {
  readonly path: string;
  readonly ingestion_time_range_slack: string;
}

interface Overrides {
  readonly global: { readonly max_bytes_per_trace: number };
  readonly ingestion: {
    readonly rate_limit_bytes: number;
    readonly burst_size_bytes: number;
    readonly max_traces_per_user: 0;
  };
  readonly metrics_generator: {
    readonly processors: readonly ("span-metrics" | "service-graphs")[];
    readonly max_active_series: number;
  };
}

export type ColumnScope = "resource" | "span";

export interface DedicatedColumn {
  readonly scope: ColumnScope;
  readonly name: string;
  readonly type: "string";
  /** `blob`: for values of which nearly every one is another. */
  readonly options?: readonly "blob"[];
}
