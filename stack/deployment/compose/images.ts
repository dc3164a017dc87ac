/** The programs of the stack in containers, with the versions that it is made for. Only here. */
export const images = {
  collector: "otel/opentelemetry-collector-contrib:0.159.0",
  tempo: "grafana/tempo:3.0.3",
  loki: "grafana/loki:3.7.6",
  prometheus: "prom/prometheus:v3.14.0",
  grafana: "grafana/grafana:13.1.3",
  /** Prepares folders for programs whose images have no shell, and ends. */
  folders: "busybox:1.37.0",
} as const;
