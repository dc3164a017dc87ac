import { setTimeout as sleep } from "node:timers/promises";
import type { StackConfig } from "../config.ts";
import { isRunning, type ProcessIdentity, signal } from "./process-identity.ts";
import { listRunningProcesses, readState, removeState, type StackState } from "./stack-state.ts";

/** Enough for the supervisor to pass all limits of its own, which end in a kill. */
const supervisorLimitMs = 60_000;
const orphanLimitMs = 20_000;

/**
 * Stops everything that a state names, the server before the store so that its last spans arrive,
 * and removes the state. Data stay.
 */
export async function stopStack(
  config: Pick<StackConfig, "directory" | "serverShutdownLimitMs">,
  state: StackState,
  say: (line: string) => void,
): Promise<void> {
  // The supervisor stops its children in their order; without it each must be stopped from here.
  if (state.supervisor !== null && isRunning(state.supervisor)) {
    const limitMs = supervisorLimitMs + config.serverShutdownLimitMs;
    const { killed } = await stopProcess(state.supervisor, limitMs);
    if (killed) {
      say("The supervisor did not stop in time and was killed.");
    }
  }
  // A supervisor that was killed may have started a child after the state was read.
  const now = readState(config.directory);
  const left = now === undefined || now === "unreadable" ? state : now;
  // A `stack:up` that failed clears away after itself, and is named in the state.
  const others = listRunningProcesses(left).filter(
    (running) => running.process.pid !== process.pid,
  );
  for (const { name, process: identity } of others) {
    const limitMs = orphanLimitMs + config.serverShutdownLimitMs;
    const { afterMs, killed } = await stopProcess(identity, limitMs);
    const how = killed ? "did not stop in time and was killed" : `stopped in ${afterMs} ms`;
    say(`The ${name} ${how}.`);
  }
  removeState(config.directory, left);
}

const pollIntervalMs = 25;

interface Stopped {
  readonly afterMs: number;
  /** Whether it had to be killed. */
  readonly killed: boolean;
}

/** Asks a process to stop, and kills it behind a limit. Returns when it is gone. */
async function stopProcess(process: ProcessIdentity, limitMs: number): Promise<Stopped> {
  const started = performance.now();
  const sinceStart = () => Math.round(performance.now() - started);
  signal(process, "SIGTERM");
  while (isRunning(process) && sinceStart() < limitMs) {
    await sleep(pollIntervalMs);
  }
  const killed = signal(process, "SIGKILL");
  while (isRunning(process)) {
    await sleep(pollIntervalMs);
  }
  return { afterMs: sinceStart(), killed };
}
