/** Tracing: requests and their stages as the contract has them, sent to a collector. */
export {
  type ActiveSpanIds,
  activeSpanIds,
} from "./context.ts";
export type { EndedRequest } from "./ended-request.ts";
export {
  type Environment,
  readEnvNumber,
  readEnvText,
  unsupportedVariables,
} from "./environment.ts";
export { createResource } from "./provider.ts";
export type {
  Done,
  RequestEnd,
  RequestStart,
  RequestTrace,
  StageTrace,
} from "./request-trace.ts";
export {
  startTracing,
  type Tracing,
  type TracingOptions,
} from "./start-tracing.ts";
export type { TracingContract } from "./tracing-contract.ts";
export { TracingError } from "./tracing-error.ts";
