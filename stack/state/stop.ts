import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, type ProcessIdentity, signal } from "./process-identity.ts";

const looksEveryMs = 25;

export interface Stopped {
  readonly afterMs: number;
  /** Whether it had to be killed. */
  readonly killed: boolean;
}

/** Asks a process to stop, and kills it behind a limit. Returns when it is gone. */
export async function stopProcess(process: ProcessIdentity, limitMs: number): Promise<Stopped> {
  const started = performance.now();
  const sinceStart = () => Math.round(performance.now() - started);
  signal(process, "SIGTERM");
  while (isRunning(process) && sinceStart() < limitMs) {
    await sleep(looksEveryMs);
  }
  const killed = signal(process, "SIGKILL");
  while (isRunning(process)) {
    await sleep(looksEveryMs);
  }
  return { afterMs: sinceStart(), killed };
}
