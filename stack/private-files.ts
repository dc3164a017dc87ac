import { chmodSync, lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

const forOthers = 0o077;

/**
 * Traces, documents and logs are their owner's alone: whatever this process makes from now on, and the
 * programs that it starts, can be read by nobody else. On Windows folders have rights of another kind.
 */
export function keepFilesPrivate(): void {
  process.umask(forOthers);
}

/** Makes a folder, with those above it. One that is there keeps its rights. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

export interface Mended {
  /** Files and folders that others could read, and cannot any more. */
  readonly count: number;
  /** What they still can, with the reason. */
  readonly failures: readonly string[];
}

/**
 * Takes from others what an earlier version let them read: these files and folders, with all that is
 * in them. Links are left alone.
 */
export function restrictPermissions(paths: readonly string[]): Mended {
  const failures: string[] = [];
  let count = 0;
  const mend = (path: string) => {
    try {
      const status = lstatSync(path, { throwIfNoEntry: false });
      if (status === undefined || !(status.isFile() || status.isDirectory())) {
        return;
      }
      if ((status.mode & forOthers) !== 0) {
        chmodSync(path, status.mode & (status.isDirectory() ? 0o700 : 0o600));
        count += 1;
      }
      if (status.isDirectory()) {
        readdirSync(path).forEach((name) => void mend(join(path, name)));
      }
    } catch (error) {
      failures.push(`${path} (${(error as NodeJS.ErrnoException).code})`);
    }
  };
  if (process.platform !== "win32") {
    paths.forEach(mend);
  }
  return { count, failures };
}

/** What is to be said of it: a sentence, or nothing. */
export function privacySentences({ count, failures }: Mended): string[] {
  return [
    ...(count > 0
      ? [
          `${count === 1 ? "A file or folder" : `${count} files and folders`} of an earlier version could be read by other users of this machine. Now only the owner can.`,
        ]
      : []),
    ...(failures.length > 0
      ? [`Other users of this machine may be able to read ${failures.slice(0, 5).join(", ")}.`]
      : []),
  ];
}
