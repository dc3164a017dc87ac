/** A setting of a generated file, read from the environment of the process that loads the file. */
export interface FileSetting {
  readonly variable: string;
  readonly default: string;
  readonly brief: string;
}

/** What Tempo is told, with `-config.expand-env=true`. */
export const tempoSettings = {
  host: setting("TEMPO_HOST", "127.0.0.1", "The address that Tempo's API listens on."),
  port: setting("TEMPO_PORT", "3200", "The port of Tempo's API."),
  grpcPort: setting("TEMPO_GRPC_PORT", "9095", "The port that Tempo talks to itself on."),
  otlpGrpc: setting("TEMPO_OTLP_GRPC", "127.0.0.1:4317", "Where Tempo takes spans over gRPC."),
  otlpHttp: setting("TEMPO_OTLP_HTTP", "127.0.0.1:4318", "Where Tempo takes spans over HTTP."),
  dataDirectory: setting("TEMPO_DATA_DIR", "/var/tempo", "The folder for everything it stores."),
  remoteWrite: setting(
    "PROMETHEUS_REMOTE_WRITE",
    "http://prometheus:9090/api/v1/write",
    "Where the metrics that Tempo makes of spans go.",
  ),
} as const satisfies Record<string, FileSetting>;

/** What the Collector of a service is told. */
export function createCollectorSettings(serviceName: string) {
  return {
    otlpGrpc: setting("COLLECTOR_OTLP_GRPC", "127.0.0.1:4317", "Where it takes spans over gRPC."),
    otlpHttp: setting("COLLECTOR_OTLP_HTTP", "127.0.0.1:4318", "Where it takes spans over HTTP."),
    health: setting("COLLECTOR_HEALTH", "127.0.0.1:13133", "Where it says whether it is well."),
    dataDirectory: setting(
      "COLLECTOR_DATA_DIR",
      "/var/lib/otelcol",
      "The folder of what is on its way, and of how far the log was read.",
    ),
    logFiles: setting(
      "COLLECTOR_LOG_FILES",
      `logs/${serviceName}*.log`,
      "The service's log, with the files that it put aside, as a pattern.",
    ),
    tempo: setting("TEMPO_OTLP", "tempo:4317", "Where the spans go: OTLP over gRPC."),
    metricsHost: setting(
      "COLLECTOR_METRICS_HOST",
      "127.0.0.1",
      "The address at which Prometheus reads its own metrics.",
    ),
    metricsPort: setting("COLLECTOR_METRICS_PORT", "8888", "The port of its own metrics."),
    prometheus: setting(
      "PROMETHEUS_OTLP",
      "http://prometheus:9090/api/v1/otlp",
      "Where the service's metrics go: OTLP over HTTP.",
    ),
    loki: setting("LOKI_OTLP", "http://loki:3100/otlp", "Where the log lines go: OTLP over HTTP."),
  } as const satisfies Record<string, FileSetting>;
}

/** A setting with what it is without one. */
export function setting(variable: string, fallback: string, brief: string): FileSetting {
  return { variable, default: fallback, brief };
}

/** As Tempo's `-config.expand-env=true` reads it. */
export function inTempo({ variable, default: fallback }: FileSetting): string {
  return `\${${variable}:-${fallback}}`;
}

/** As the Collector reads it. */
export function inCollector({ variable, default: fallback }: FileSetting): string {
  return `\${env:${variable}:-${fallback}}`;
}
