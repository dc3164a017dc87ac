import { execFileSync } from "node:child_process";
import { arch, availableParallelism, cpus, loadavg, platform } from "node:os";
import { checkout, StackError } from "../../stack/index.ts";

/** What a figure depends on and a reader wants to know. */
export interface Machine {
  readonly at: string;
  readonly system: string;
  readonly processor: string;
  readonly cpus: number;
  /** Processes that wanted a CPU in the last minute, on average, before anything was measured. */
  readonly load: number;
  readonly node: string;
  /** Of the checkout, with "+" where files differ from it. */
  readonly commit: string;
}

export function describeMachine(): Machine {
  return {
    at: new Date().toISOString(),
    system: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cpus: availableParallelism(),
    load: loadavg()[0] ?? 0,
    node: process.version,
    commit: readCommit(checkout),
  };
}

export function machineLine(machine: Machine): string {
  const { at, system, processor, cpus: count, load, node, commit } = machine;
  return `${at} · ${system}, ${count} CPUs (${processor}), load ${load.toFixed(2)} · Node ${node} · commit ${commit}`;
}

function readCommit(folder: string): string {
  const git = (...words: string[]) =>
    execFileSync("git", words, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  try {
    const differs = git("status", "--porcelain").trim() !== "";
    return `${git("rev-parse", "--short", "HEAD").trim()}${differs ? "+" : ""}`;
  } catch {
    return "unknown";
  }
}

/** @throws StackError on every other system. */
export function requireLinux(): void {
  if (process.platform === "linux") {
    return;
  }
  throw new StackError("configuration_invalid", {
    message: `CPU time and memory of processes are read from /proc, which ${process.platform} has not.`,
    hint: "Measure on Linux.",
  });
}
