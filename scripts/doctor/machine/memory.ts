import { type Check, fine } from "../check.ts";
import { Finding } from "../finding.ts";
import { formatBytes } from "../sizes.ts";

/** Store, viewer and supervisor, and the server with the default model in its two slots. */
const neededBytes = { withServer: 1.2e9, without: 0.5e9 };

/** @param isWholeStack whether the server is started too. */
export function memoryCheck(isWholeStack: boolean): Check {
  return {
    name: "Memory",
    why: "Without enough of it the system ends the server or the store in the middle of a request.",
    look: () => {
      // In a container its limit counts, not what the machine has.
      const freeBytes = process.availableMemory();
      const needed = isWholeStack ? neededBytes.withServer : neededBytes.without;
      return freeBytes < needed
        ? new Finding("memory_low", { free: formatBytes(freeBytes), needed: formatBytes(needed) })
        : fine(`${formatBytes(freeBytes)} free.`);
    },
  };
}
