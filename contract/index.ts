/** The contract: what the trace of a request looks like, and who may rely on it. */
export { Backoff, type BackoffOptions } from "./backoff.ts";
export * from "./define/index.ts";
export { type ContractData, contractData, contractDocuments } from "./documents/index.ts";
export type { GeneratedFile, GenerateFiles } from "./generated-file.ts";
export * from "./grafana/index.ts";
export { maxTextCharacters } from "./limits.ts";
export * from "./otlp/index.ts";
export * from "./promql/index.ts";
export {
  createSavedQueries,
  type SavedQueryGroup,
  type SavedQueryOptions,
  serviceQueries,
  threshold,
} from "./queries/index.ts";
export {
  type Configuration,
  defineConfig,
  defineService,
  type OwnDashboards,
  type Service,
  type Services,
} from "./services.ts";
export * from "./source/index.ts";
export { telemetryEvents, telemetryFields } from "./telemetry-events.ts";
export * from "./text/index.ts";
export * from "./traceql/index.ts";
export * from "./validate/index.ts";
