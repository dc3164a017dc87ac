import { type ChildProcess, spawn } from "node:child_process";
import { systemErrorCode } from "./model-error.ts";

const keptOutputCharacters = 8_000;
const hasProcessGroups = process.platform !== "win32";

export interface CommandOptions {
  /** The whole environment of the command; PATH says where it is looked for. */
  readonly environment: Environment;
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandResult {
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
export async function runCommand(
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
