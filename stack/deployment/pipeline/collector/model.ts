import type { OttlContext } from "./ottl.ts";

/** The parts of the Collector's configuration (0.159) that are used here, as it spells them. */
export interface CollectorConfig {
  readonly extensions: Readonly<Record<string, object>>;
  readonly receivers: {
    readonly otlp: { readonly protocols: Readonly<Record<"grpc" | "http", Endpoint>> };
    readonly "file_log/lines": FileLog;
  };
  readonly processors: {
    readonly memory_limiter: {
      readonly check_interval: string;
      readonly limit_mib: number;
      readonly spike_limit_mib: number;
    };
    readonly "filter/links": {
      readonly error_mode: ErrorMode;
      readonly traces: { readonly span: readonly string[] };
    };
    readonly "transform/spans": {
      readonly error_mode: ErrorMode;
      readonly trace_statements: readonly StatementGroup[];
    };
    readonly "filter/metrics"?: {
      readonly error_mode: ErrorMode;
      readonly metrics: {
        readonly metric: readonly string[];
        readonly datapoint: readonly string[];
      };
    };
    readonly "transform/metrics"?: {
      readonly error_mode: ErrorMode;
      readonly metric_statements: readonly StatementGroup[];
    };
    readonly "transform/lines": {
      readonly error_mode: ErrorMode;
      readonly log_statements: readonly StatementGroup[];
    };
  };
  readonly exporters: {
    readonly "otlp_grpc/tempo": Endpoint & Delivery & { readonly tls: { readonly insecure: true } };
    readonly "otlp_http/loki": Endpoint & Delivery;
    readonly "otlp_http/prometheus"?: Endpoint & ShortDelivery;
  };
  readonly service: {
    readonly telemetry: { readonly metrics: OwnMetrics };
    readonly extensions: readonly string[];
    readonly pipelines: Readonly<Record<"traces" | "logs", Pipeline>> & {
      readonly metrics?: Pipeline;
    };
  };
}

/** What the Collector tells of itself, to whoever asks. */
export interface OwnMetrics {
  readonly level: "normal";
  readonly readers: readonly {
    readonly pull: {
      readonly exporter: {
        readonly prometheus: {
          readonly host: string;
          readonly port: string;
          readonly without_scope_info: true;
          readonly without_type_suffix: true;
          readonly without_units: true;
        };
      };
    };
  }[];
}

interface Endpoint {
  readonly endpoint: string;
}

interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

/** `ignore`, the default, lets through what a statement fails on. */
type ErrorMode = "propagate";

/** Statements that are run one after the other, on what the conditions, if any, are true of. */
export interface StatementGroup {
  readonly context: OttlContext;
  readonly conditions?: readonly string[];
  readonly statements: readonly string[];
}

/** How an exporter keeps what it was given until it is taken. */
export interface Delivery {
  readonly retry_on_failure: {
    readonly initial_interval: string;
    readonly max_interval: string;
    readonly max_elapsed_time: "0s";
  };
  readonly sending_queue: {
    readonly storage: string;
    readonly queue_size: number;
    readonly batch: {
      readonly flush_timeout: string;
      readonly min_size: number;
      readonly max_size: number;
    };
  };
}

/** How an exporter keeps what is worth little when it is late. */
export interface ShortDelivery {
  readonly retry_on_failure: { readonly max_elapsed_time: string };
  readonly sending_queue: { readonly queue_size: number };
}

interface FileLog {
  readonly include: readonly string[];
  readonly storage: string;
  readonly start_at: "beginning";
  readonly include_file_name: false;
  readonly retry_on_failure: { readonly enabled: true; readonly max_elapsed_time: "0s" };
  readonly resource: Readonly<Record<string, string>>;
  readonly operators: readonly LogOperator[];
}

/** A step in the reading of a line. */
export type LogOperator = { readonly type: string } & Readonly<Record<string, unknown>>;
