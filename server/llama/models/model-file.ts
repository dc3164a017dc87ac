import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { ModelError, systemErrorCode } from "./model-error.ts";

export interface FileFingerprint {
  readonly sizeBytes: number;
  /** In lower-case hexadecimal. */
  readonly sha256: string;
}

/** The size of a regular file in bytes, or undefined when there is none at the path. */
export async function fileSize(path: string): Promise<number | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) {
      return undefined;
    }
    throw error;
  });
  return found?.isFile() ? found.size : undefined;
}

/**
 * Reads the whole file: 0.15 to 0.35 s for the 98 MB of the default model. That is little enough to
 * check it at every start, so no note about an earlier check is kept that could go stale.
 */
export async function computeFileSha256(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal && { signal }) });
  for await (const chunk of stream) {
    hash.update(chunk);
  }
  return hash.digest("hex");
}

/** @throws ModelError `model_checksum_mismatch` */
export async function requireFingerprint(
  path: string,
  expected: FileFingerprint,
  signal?: AbortSignal,
): Promise<void> {
  const sizeBytes = (await fileSize(path)) ?? 0;
  if (sizeBytes !== expected.sizeBytes) {
    throw mismatch(`it has ${sizeBytes} bytes instead of ${expected.sizeBytes}`);
  }
  const sha256 = await computeFileSha256(path, signal);
  if (sha256 !== expected.sha256) {
    throw mismatch(`its sha256 is ${sha256} instead of ${expected.sha256}`);
  }
}

function mismatch(difference: string): ModelError {
  return new ModelError("model_checksum_mismatch", { difference });
}

/** Writes under a name of its own and renames, so that nobody ever sees half a file. */
export async function writeModelFile(path: string, content: Uint8Array): Promise<void> {
  await makeModelDirectory(dirname(path));
  const unfinished = `${path}.${ownerTag()}.new`;
  try {
    await writeFile(unfinished, content, { flush: true });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw notWritable(dirname(path), error);
  }
}

export async function makeModelDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw notWritable(directory, error);
  });
}

export function notWritable(directory: string, cause: unknown): ModelError {
  return new ModelError("model_directory_not_writable", {
    directory,
    reason: systemErrorCode(cause) ?? "unknown error",
    cause,
  });
}

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
  if (Date.now() - lastTouchedMs > abandonedAfterMs) {
    return true;
  }
  try {
    process.kill(Number.parseInt(tag, 10), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/**
 * The public name of a model: its file name without `.gguf`, with every character outside
 * `[A-Za-z0-9._-]` replaced by a hyphen, so that it can stand in an attribute and in a URL.
 */
export function getModelName(path: string): string {
  const name = basename(path)
    .replace(/\.gguf$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .slice(0, 128);
  return name === "" ? "model" : name;
}
