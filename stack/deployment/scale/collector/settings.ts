import { type FileSetting, setting } from "../../pipeline/environment.ts";

const certificates = "/etc/otelcol/tls";

/** What an agent is told besides what the one Collector of a machine is. */
export const agentSettings = {
  gatewayHost: setting(
    "GATEWAY_HOST",
    "collector-gateway-headless",
    "The name whose addresses are those of all gateways: a headless service.",
  ),
  gatewayPort: setting("GATEWAY_PORT", "4317", "The port of the gateways."),
  gatewayName: setting(
    "GATEWAY_TLS_NAME",
    "collector-gateway",
    "The name in the certificate of the gateways.",
  ),
  authority: setting(
    "GATEWAY_CA_FILE",
    `${certificates}/ca.crt`,
    "Who signed the certificates of the gateways.",
  ),
  tokenFile: setting(
    "GATEWAY_TOKEN_FILE",
    "/etc/otelcol/token/token",
    "The file with the word by which gateways know agents.",
  ),
  lokiAuthority: setting(
    "LOKI_CA_FILE",
    "",
    "Who signed Loki's certificate, where LOKI_OTLP is https; none for those that the image trusts.",
  ),
} as const satisfies Record<string, FileSetting>;

/** The same for the metrics, where the contract has any. */
export const agentMetricsSettings = {
  prometheusAuthority: setting(
    "PROMETHEUS_CA_FILE",
    "",
    "Who signed Prometheus's certificate, where PROMETHEUS_OTLP is https; none as above.",
  ),
} as const satisfies Record<string, FileSetting>;

/** What a gateway is told. */
export const gatewaySettings = {
  otlpGrpc: setting("COLLECTOR_OTLP_GRPC", "0.0.0.0:4317", "Where it takes spans of the agents."),
  health: setting("COLLECTOR_HEALTH", "0.0.0.0:13133", "Where it says whether it is well."),
  metricsHost: setting(
    "COLLECTOR_METRICS_HOST",
    "0.0.0.0",
    "The address at which Prometheus reads its own metrics.",
  ),
  metricsPort: setting("COLLECTOR_METRICS_PORT", "8888", "The port of its own metrics."),
  dataDirectory: setting(
    "COLLECTOR_DATA_DIR",
    "/var/lib/otelcol",
    "The folder of what is on its way to Tempo: a volume of its own.",
  ),
  certificate: setting(
    "GATEWAY_CERT_FILE",
    `${certificates}/tls.crt`,
    "Its certificate, for agents and for Tempo.",
  ),
  key: setting("GATEWAY_KEY_FILE", `${certificates}/tls.key`, "The key of its certificate."),
  authority: setting(
    "GATEWAY_CA_FILE",
    `${certificates}/ca.crt`,
    "Who signed Tempo's certificate.",
  ),
  tokenFile: setting(
    "GATEWAY_TOKEN_FILE",
    "/etc/otelcol/token/token",
    "The file with the word by which it knows agents.",
  ),
  tempo: setting("TEMPO_OTLP", "tempo-distributor:4317", "Where spans go: Tempo's distributors."),
  share: setting("SAMPLED_PERCENT", "10", "How many in 100 of the other traces are kept."),
  longestRequest: setting(
    "DECISION_WAIT",
    "610s",
    "How long a trace waits for its root: longer than any request may take.",
  ),
  traces: setting(
    "DECISION_TRACES",
    "100000",
    "Traces that wait at most. Beyond it the oldest go.",
  ),
  memoryMib: setting("COLLECTOR_MEMORY_MIB", "1536", "Memory from which on it refuses spans."),
} as const satisfies Record<string, FileSetting>;
