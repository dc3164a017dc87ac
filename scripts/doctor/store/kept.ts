import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { StackConfig } from "../../../stack/index.ts";
import { type Check, fine } from "../check.ts";
import { Finding } from "../finding.ts";
import { formatBytes, formatSeconds } from "../sizes.ts";

/** The file does not shrink, so at the limit it stays about there. */
const nearlyAll = 0.95;

/** What the embedded store keeps, and for how long. */
export function keptCheck({ directory, store }: StackConfig): Check {
  const { maxAgeMs, maxBytes } = store.retention;
  return {
    name: "Kept",
    why: "A trace that is gone is found by nothing.",
    look: () => {
      const size = folderBytes(join(directory, "data"));
      const age = maxAgeMs === undefined ? "of any age" : `for ${formatSeconds(maxAgeMs / 1000)}`;
      if (maxBytes !== undefined && size >= maxBytes * nearlyAll) {
        return new Finding("store_at_limit", { size: formatBytes(size) });
      }
      const most = maxBytes === undefined ? "any size" : `${formatBytes(maxBytes)} at most`;
      return fine(`spans ${age}, ${most}; the store has ${formatBytes(size)}.`);
    },
  };
}

/** The database with what it has not put into its file yet. */
function folderBytes(folder: string): number {
  return readdirSync(folder)
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, bytes) => sum + bytes, 0);
}
