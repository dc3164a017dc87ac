/** miniserve's own contract, for what is about this service and no other. */
export { type Miniserve, miniserve } from "./contract.ts";
export { logEvents } from "./log-events.ts";
export { metrics } from "./metrics.ts";
export { spans } from "./spans.ts";
