import { randomBytes } from "node:crypto";

/**
 * Unfinished files carry the process that writes them in their name, so that two processes never
 * write to one file, and what a killed process left behind can be told from work in progress.
 */
const abandonedAfterMs = 60 * 60 * 1000;

export const ownerTag = (): string => `${process.pid}-${randomBytes(4).toString("hex")}`;

/**
 * Whether the owner of an unfinished file is gone. The age decides where the process number has
 * been given to another process since: whoever works on a file touches it more than once an hour.
 */
export function isAbandoned(tag: string, lastTouchedMs: number): boolean {
  if (Date.now() - lastTouchedMs > abandonedAfterMs) return true;
  try {
    process.kill(Number.parseInt(tag, 10), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
