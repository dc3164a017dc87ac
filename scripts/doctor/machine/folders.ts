import { accessSync, constants, lstatSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StackConfig } from "../../../stack/index.ts";
import { isDiskFull, StackError } from "../../../stack/index.ts";
import { type Check, orFine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";
import { formatBytes } from "../sizes.ts";

/** Below this the store has little room for what it keeps by default. */
const lowBytes = 1e9;

export function diskCheck(folders: readonly string[]): Check {
  return {
    name: "Disk",
    why: "On a full disk the store refuses spans, and a model is not fetched.",
    look: () => {
      const disks = new Map(folders.map(nearestThere).map((folder) => [diskOf(folder), folder]));
      const free = [...disks.values()].map((folder) => ({ folder, bytes: freeBytes(folder) }));
      const findings = free.flatMap(({ folder, bytes }): Seen[] => {
        if (isDiskFull(folder)) {
          return [new StackError("disk_full", { message: `The disk of ${folder} is full.` })];
        }
        return bytes < lowBytes
          ? [new Finding("disk_low", { folder, free: formatBytes(bytes) })]
          : [];
      });
      const least = Math.min(...free.map(({ bytes }) => bytes));
      return orFine(findings, `${formatBytes(least)} free.`);
    },
  };
}

export function foldersCheck(config: StackConfig, folders: readonly string[]): Check {
  return {
    name: "Folders",
    why: "State, traces, logs and models are written there; traces and logs may hold what users wrote.",
    look: () => {
      const locked = folders.filter((folder) => !isWritable(nearestThere(folder)));
      const open = privateFiles(config).filter(isOpenToOthers);
      return orFine(
        [
          ...locked.map(
            (folder) =>
              new StackError("file_unwritable", {
                message: `${folder} cannot be written by this user.`,
                hint: `Give it to this user (chown), or set another: STACK_DIR, MINISERVE_MODELS_DIRECTORY, MINISERVE_LOG_FILE.`,
              }),
          ),
          ...(open.length > 0
            ? [new Finding("files_not_private", { paths: open.join(", ") })]
            : []),
        ],
        "writable, and private.",
      );
    },
  };
}

function privateFiles({ directory, logFile }: StackConfig): string[] {
  return [
    join(directory, "stack.json"),
    join(directory, "data"),
    ...(logFile === null ? [] : [logFile]),
  ];
}

function isOpenToOthers(path: string): boolean {
  const mode = lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  // Write and search bits of a folder alone show no file; reading is what counts. 640 may be set for the log.
  return process.platform !== "win32" && (mode & 0o004) !== 0;
}

/** What is not there yet will be made in the next folder above that is. */
function nearestThere(folder: string): string {
  return lstatSync(folder, { throwIfNoEntry: false }) !== undefined || dirname(folder) === folder
    ? folder
    : nearestThere(dirname(folder));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function diskOf(folder: string): number {
  return lstatSync(folder).dev;
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
