import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Linux counts CPU time for programs in hundredths of a second, whatever its own clock. */
const microsecondsPerTick = 10_000;

/** CPU time of a process with all its threads, to 10 ms. Without that of its children. */
export function cpuTimeUs(pid: number): number {
  const { own } = cpuTicks(pid);
  return own * microsecondsPerTick;
}

/** Memory of a process that is in RAM, in bytes. */
export function residentBytes(pid: number): number {
  return bytesOfStatus(pid, "VmRSS");
}

/** The most that it ever had in RAM, in bytes. */
export function peakResidentBytes(pid: number): number {
  return bytesOfStatus(pid, "VmHWM");
}

function bytesOfStatus(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`The system tells no ${field} of ${pid}.`);
  return Number(kibibytes) * 1024;
}

export interface CpuReading {
  readonly atMs: number;
  readonly busyMs: number;
  readonly oursMs: number;
}

/** What all of the machine and what we have used so far; `children` are ours that still run. */
export function readCpu(children: readonly number[]): CpuReading {
  const ticks = [process.pid, ...children].map((pid) => {
    const { own, ended } = cpuTicks(pid);
    return own + ended;
  });
  const busy = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return {
    atMs: performance.now(),
    busyMs: sum(busy),
    oursMs: (sum(ticks) * microsecondsPerTick) / 1000,
  };
}

/** How many CPUs somebody else kept busy between two readings, on average. */
export function othersCpus(before: CpuReading, after: CpuReading): number {
  const othersMs = after.busyMs - before.busyMs - (after.oursMs - before.oursMs);
  return Math.max(0, othersMs / (after.atMs - before.atMs));
}

function cpuTicks(pid: number): { own: number; ended: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold anything; after it come the fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  return { own: user + system, ended: endedUser + endedSystem };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
