/** Where the example's Python packages are: a virtual environment, made at the first run. */
import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { StackError } from "../../stack/index.ts";

const run = promisify(execFile);

const oldestPython = [3, 10] as const;

interface Python {
  readonly program: string;
  readonly version: string;
}

interface VirtualEnvironmentOptions {
  /** Files of packages are kept below it. */
  readonly cacheFolder: string;
  /** The packages, each with its version and digests. */
  readonly requirementsFile: string;
  /** A Python to use, instead of the first on the PATH that is new enough. */
  readonly python: string | undefined;
  readonly say: (line: string) => void;
}

/**
 * Returns the path of a Python that has the packages.
 * @throws StackError `python_missing`, `python_packages_failed`.
 */
export async function prepareVirtualEnvironment({
  cacheFolder,
  requirementsFile,
  python: given,
  say,
}: VirtualEnvironmentOptions): Promise<string> {
  const python = await findPython(given === undefined ? ["python3", "python"] : [given]);
  const digest = createHash("sha256")
    .update(`${python.program} ${python.version}\n`)
    .update(readFileSync(requirementsFile))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cacheFolder, digest);
  // The Python that it was made with may be gone.
  if (!existsSync(programIn(folder))) {
    rmSync(folder, { recursive: true, force: true });
    say(`Installs the example's Python packages once, with Python ${python.version}.`);
    await make(python, folder, requirementsFile);
  }
  return programIn(folder);
}

async function findPython(programs: readonly string[]): Promise<Python> {
  const seen: string[] = [];
  for (const program of programs) {
    const version = await askVersion(program);
    const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
    if (major > oldestPython[0] || (major === oldestPython[0] && minor >= oldestPython[1])) {
      return { program, version: version ?? "" };
    }
    seen.push(version === undefined ? `there is no ${program}` : `${program} is ${version}`);
  }
  throw new StackError("python_missing", { seen: seen.join(", ") });
}

async function askVersion(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, [
      "-c",
      "import platform; print(platform.python_version())",
    ]);
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** Beside its place first, so that what was interrupted, or is made twice at a time, is never used. */
async function make(python: Python, folder: string, requirementsFile: string): Promise<void> {
  const unfinished = `${folder}.${randomUUID()}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await attempt(
      python.program,
      ["-m", "venv", unfinished],
      [
        "The virtual environment could not be made.",
        "On Debian and Ubuntu, venv is a package of its own: apt-get install python3-venv. Then run the same command again.",
      ],
    );
    const install = ["install", "--disable-pip-version-check", "--require-hashes", "--requirement"];
    await attempt(programIn(unfinished), ["-m", "pip", ...install, requirementsFile]);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Somebody else was faster.
    if (!existsSync(folder)) {
      throw error;
    }
  }
}

async function attempt(
  program: string,
  given: readonly string[],
  [message, hint]: readonly [string?, string?] = [],
): Promise<void> {
  try {
    await run(program, given);
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    const details = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
    throw new StackError("python_packages_failed", {
      ...(message === undefined ? {} : { message }),
      ...(hint === undefined ? {} : { hint }),
      details: details.slice(-6),
    });
  }
}

function programIn(folder: string): string {
  return process.platform === "win32"
    ? join(folder, "Scripts", "python.exe")
    : join(folder, "bin", "python");
}
