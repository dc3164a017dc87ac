/** Tracing: requests and their stages as the contract has them, sent to a collector. */
export { type ActiveSpanIds, activeSpanIds } from "./active-span.ts";
export { bind, bindIterable, listen, onAbort, startTask } from "./context.ts";
export type { Environment } from "./environment.ts";
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
