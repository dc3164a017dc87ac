/** What a contract's metrics are called in Prometheus. */
export { prometheusLabel, prometheusName } from "./metric-names.ts";
