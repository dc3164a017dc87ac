/** The logs: typed lines, redacted, to standard output and a rotated file. */

export { stackFrames } from "./exception.ts";
export type { Log } from "./log.ts";
export { createLogging, type Logging, type LoggingOptions } from "./logging.ts";
