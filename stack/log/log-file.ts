import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const largestReadBytes = 4_000_000;
const pollIntervalMs = 200;

/**
 * The last lines of a file, out of its last 4 MB.
 * @throws NodeJS.ErrnoException when it cannot be read.
 */
export function lastLines(file: string, count: number): string[] {
  return readLines(file).lines.slice(-count);
}

interface FilePart {
  readonly lines: string[];
  /** Where the next line will start. */
  readonly end: number;
  readonly inode: number;
}

/** The complete lines from a place on; without a place those in the last 4 MB. */
function readLines(file: string, from?: number): FilePart {
  const descriptor = openSync(file, "r");
  try {
    const { size, ino } = fstatSync(descriptor);
    const start = from ?? Math.max(0, size - largestReadBytes);
    const bytes = Buffer.alloc(Math.min(largestReadBytes, Math.max(0, size - start)));
    const length = readSync(descriptor, bytes, 0, bytes.length, start);
    const complete = bytes.subarray(0, bytes.lastIndexOf("\n", length - 1) + 1);
    const text = complete.toString("utf8");
    // The place in the middle of a file where reading begins is in the middle of a line.
    const lines = text.split("\n").slice(from === undefined && start > 0 ? 1 : 0, -1);
    return { lines, end: start + complete.length, inode: ino };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The last lines of a file and, as they are written, those that follow; a file that is replaced or
 * cut is read on from its new beginning. Never ends by itself.
 */
export async function* followLines(file: string, count: number): AsyncGenerator<string[], never> {
  let part = readLines(file);
  yield part.lines.slice(-count);
  for (;;) {
    await sleep(pollIntervalMs);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined || (found.ino === part.inode && found.size === part.end)) {
      continue;
    }
    const isNew = found.ino !== part.inode || found.size < part.end;
    part = readLines(file, isNew ? 0 : part.end);
    yield part.lines;
  }
}
