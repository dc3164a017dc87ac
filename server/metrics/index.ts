/** Metrics: what the contract declares besides the spans, read by Prometheus and sent over OTLP. */
export { measureRequest } from "./measure-request.ts";
export { type Metrics, startMetrics } from "./start-metrics.ts";
