import { chmodSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { join, parse, resolve } from "node:path";

const forOthers = 0o077;

/**
 * Logs, indexes with their documents, and models are their owner's alone: what this process makes
 * from now on can be read by nobody else. On Windows folders have rights of another kind.
 */
export function keepFilesPrivate(): void {
  process.umask(forOthers);
}

/** What the server writes, as far as it is to be its owner's alone. A folder only if it is all ours. */
export function ownPaths(settings: {
  readonly MINISERVE_INDEXES_DIRECTORY: string;
  readonly MINISERVE_LOG_FILE: string;
  readonly MINISERVE_LOG_FILE_MODE: number;
}): string[] {
  const { MINISERVE_INDEXES_DIRECTORY: indexes, MINISERVE_LOG_FILE: log } = settings;
  const isIndex = (name: string) => existsSync(join(indexes, name, "manifest.json"));
  const { dir, name: logName, ext } = parse(resolve(log));
  const isLog = (name: string) =>
    name === logName + ext || (name.startsWith(`${logName}.`) && name.endsWith(ext));
  return [
    ...ownIn(indexes, isIndex),
    ...(log === "" || settings.MINISERVE_LOG_FILE_MODE !== 0o600 ? [] : ownIn(dir, isLog)),
  ];
}

function ownIn(folder: string, isOwn: (name: string) => boolean): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  try {
    const names = readdirSync(folder);
    const own = names.filter(isOwn);
    return own.length === names.length && own.length > 0
      ? [folder]
      : own.map((name) => join(folder, name));
  } catch {
    // What cannot be listed is said by whoever needs it.
    return [];
  }
}

/**
 * Takes from others what an earlier version let them read: these files and folders, with all that is
 * in them. Links are left alone.
 * @returns how many there were, and of how many it failed.
 */
export function restrictPermissions(paths: readonly string[]): { mended: number; failed: number } {
  const counts = { mended: 0, failed: 0 };
  const mend = (path: string): void => {
    try {
      const status = lstatSync(path, { throwIfNoEntry: false });
      if (status === undefined || !(status.isFile() || status.isDirectory())) {
        return;
      }
      if ((status.mode & forOthers) !== 0) {
        chmodSync(path, status.mode & (status.isDirectory() ? 0o700 : 0o600));
        counts.mended += 1;
      }
      for (const name of status.isDirectory() ? readdirSync(path) : []) {
        mend(join(path, name));
      }
    } catch {
      counts.failed += 1;
    }
  };
  if (process.platform !== "win32") {
    paths.forEach(mend);
  }
  return counts;
}
