import { execFileSync } from "node:child_process";

/** For tests: how much memory a process has resident, in bytes. */
export function residentBytes(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1024;
}
