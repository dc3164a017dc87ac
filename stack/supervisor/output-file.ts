import { copyFileSync, openSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { makePrivateFolder } from "../private-files.ts";

/** A child's output, and one older part of it, are each at most about this large. */
const largestBytes = 5_000_000;
const checkIntervalMs = 2_000;

export function getOutputFile(directory: string, name: string): string {
  return join(directory, `${name}.log`);
}

/**
 * Opens a file for a child to write to by itself: were its output a pipe to the supervisor, it would
 * fall with the supervisor. Appending matters, for the file is cut while the child writes to it.
 */
export function openOutput(file: string): number {
  makePrivateFolder(dirname(file));
  return openSync(file, "a", 0o600);
}

/** Keeps the files small for as long as this process runs. */
export function boundOutputs(files: readonly string[]): void {
  setInterval(() => files.forEach(bound), checkIntervalMs).unref();
}

/** Moves what is in a too large file to `FILE.1`. Lines written in between are lost, a few at most. */
export function bound(file: string): void {
  try {
    if (statSync(file).size > largestBytes) {
      copyFileSync(file, `${file}.1`);
      truncateSync(file, 0);
    }
  } catch {
    // A full disk or a removed file: the output is for reading only, the children go on.
  }
}
