import { join } from "node:path";

/** Where the state of the stack in a folder is written. */
export function stateFileOf(directory: string): string {
  return join(directory, "stack.json");
}
