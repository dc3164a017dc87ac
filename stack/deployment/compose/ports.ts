/** Where the parts listen, inside their containers, by their names there. */
export const containerPorts = {
  otlpGrpc: 4317,
  otlpHttp: 4318,
  collectorHealth: 13_133,
  collectorMetrics: 8888,
  tempo: 3200,
  tempoGrpc: 9095,
  loki: 3100,
  prometheus: 9090,
  grafana: 3000,
  server: 8080,
} as const;
