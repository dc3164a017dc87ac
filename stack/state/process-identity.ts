import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * A process that cannot be mistaken for another: numbers of processes are given out again, so the
 * time at which it started belongs to it.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAs: string;
}

/** The identity of a running process, or undefined when there is none of that number. */
export function readIdentity(pid: number): ProcessIdentity | undefined {
  const startedAs = process.platform === "linux" ? linuxStart(pid) : portableStart(pid);
  return startedAs === undefined ? undefined : { pid, startedAs };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return readIdentity(identity.pid)?.startedAs === identity.startedAs;
}

/** Sends a signal to that very process; false when it is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(identity)) {
    return false;
  }
  try {
    return process.kill(identity.pid, name);
  } catch {
    return false;
  }
}

/** A zombie is gone: it only waits for a parent to notice, which in a container may never happen. */
const goneStates = ["Z", "X"];

/** The clock ticks from boot to the start of the process, with the boot that they are counted from. */
function linuxStart(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) {
    return undefined;
  }
  // The second field is the name of the program in parentheses and may hold anything, also ") ".
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = ""] = fields;
  const startTicks = fields[19];
  const boot = readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  return goneStates.includes(state) ? undefined : `${boot}:${startTicks}`;
}

function portableStart(pid: number): string | undefined {
  const { status, stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
    env: { LC_ALL: "C", PATH: "/bin:/usr/bin" },
  });
  const [, state = "", start = ""] = /^\s*(\S+)\s+(.*\S)/.exec(stdout ?? "") ?? [];
  return status !== 0 || start === "" || goneStates.includes(state[0] ?? "") ? undefined : start;
}

/** The memory that a process has in use, in bytes, where the system tells it cheaply. */
export function residentBytes(pid: number): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/status`) ?? "")?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
