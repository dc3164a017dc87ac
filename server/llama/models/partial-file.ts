import { open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeModelDirectory, notWritable } from "./model-file.ts";
import { isAbandoned, ownerTag } from "./ownership.ts";

/** The part of a file that has arrived. It belongs to this process until one of the methods ran. */
export interface PartialFile {
  readonly path: string;
  /** Puts it down for a later attempt, by whichever process. */
  release(): Promise<void>;
  discard(): Promise<void>;
  /** Makes it the finished file, in one step that cannot be seen half done. */
  commit(): Promise<void>;
}

/**
 * Claims what an earlier attempt left of `destination`, or a fresh place when there is nothing.
 *
 * Released parts are called `<file>.<identity>.part`, claimed ones have the owner in the name too:
 * claiming is a rename, which only one process can win, so no lock is needed. A second process that
 * downloads at the same time simply does so for itself.
 *
 * @param identity tells which content the part is of; parts of another content are never resumed.
 */
export async function claimPartialFile(
  destination: string,
  identity: string,
): Promise<PartialFile> {
  const directory = dirname(destination);
  const released = `${destination}.${identity}.part`;
  const claimed = `${destination}.${identity}.${ownerTag()}.part`;
  await makeModelDirectory(directory);
  for (const leftover of await leftovers(destination)) {
    if (leftover.startsWith(`${basename(destination)}.${identity}.`)) {
      if (await takeOver(join(directory, leftover), claimed)) break;
    }
  }
  return {
    path: claimed,
    release: () => ignoreMissing(rename(claimed, released)),
    discard: () => rm(claimed, { force: true }),
    async commit() {
      try {
        await synchronise(claimed);
        await rename(claimed, destination);
      } catch (error) {
        throw notWritable(directory, error);
      }
      for (const leftover of await leftovers(destination)) {
        await rm(join(directory, leftover), { force: true });
      }
    },
  };
}

/** The parts of a file that nobody works on, of whatever content. */
async function leftovers(destination: string): Promise<string[]> {
  const directory = dirname(destination);
  const prefix = `${basename(destination)}.`;
  const names = (await readdir(directory)).filter(
    (name) => name.startsWith(prefix) && name.endsWith(".part"),
  );
  const free = await Promise.all(
    names.map(async (name) => {
      const [, owner] = name.slice(prefix.length, -".part".length).split(".");
      if (owner === undefined) return true;
      const found = await stat(join(directory, name)).catch(() => undefined);
      return found !== undefined && isAbandoned(owner, found.mtimeMs);
    }),
  );
  return names.filter((_, index) => free[index]);
}

/** False when another process was faster. */
async function takeOver(leftover: string, claimed: string): Promise<boolean> {
  try {
    // Touched first: an old file under our name would look abandoned to another process.
    const now = new Date();
    await utimes(leftover, now, now);
    await rename(leftover, claimed);
    return true;
  } catch {
    return false;
  }
}

async function synchronise(path: string): Promise<void> {
  await using file = await open(path, "r+");
  await file.sync();
}

async function ignoreMissing(operation: Promise<void>): Promise<void> {
  await operation.catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  });
}
