import type { StackConfig } from "../config.ts";
import { outputFileOf } from "../supervisor/output-file.ts";
import { readState } from "./read-state.ts";

/** Where the server's log lines can be read: as the running stack has it, or as it would. */
export function serverLogOf(config: StackConfig): string {
  const state = readState(config.directory);
  const running = state === undefined || state === "unreadable" ? config : state;
  // A server that writes no file still writes the same lines to its output.
  return running.logFile ?? outputFileOf(config.directory, "server");
}
