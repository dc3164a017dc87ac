/** PromQL in the words of a contract: what its metrics are called in Prometheus, and how they are asked. */
export { collectorMetrics } from "./collector-metrics.ts";
export {
  alertExpression,
  type PromqlText,
  panelExpression,
  processLabel,
  quantileLabel,
} from "./expressions.ts";
export { prometheusLabel, prometheusName } from "./metric-names.ts";
export { listStoredMetrics, type StoredMetric } from "./stored-metric.ts";
export { tempoMetrics } from "./tempo-metrics.ts";
