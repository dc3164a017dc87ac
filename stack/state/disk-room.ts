import { statfsSync } from "node:fs";

/** With less, nothing can be relied on to be written. */
const leastBytes = 4 * 1024 * 1024;

/** Whether the disk of a folder is full; false where that cannot be known. */
export function isDiskFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < leastBytes;
  } catch {
    return false;
  }
}
