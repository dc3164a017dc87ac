import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { makePrivateFolder } from "../private-files.ts";
import { isRunning } from "./process-identity.ts";
import type { StackState } from "./read-state.ts";
import { stateFileOf } from "./state-file.ts";

/** Replaces the state; a reader sees the old one or the new one, never half of it. */
export function writeState(directory: string, state: StackState): void {
  renameSync(writeBeside(directory, state), stateFileOf(directory));
}

/** Writes the state if there is none; false when another process was faster. */
export function claimState(directory: string, state: StackState): boolean {
  makePrivateFolder(directory);
  const written = writeBeside(directory, state);
  try {
    // Unlike a rename, a link does not replace what is there.
    linkSync(written, stateFileOf(directory));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  } finally {
    rmSync(written, { force: true });
  }
}

/** Removes the state, unless it has become another stack's in the meantime. */
export function removeState(directory: string, ours: StackState | "unreadable"): void {
  const file = stateFileOf(directory);
  const aside = `${file}.${process.pid}.removed`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const found = startOf(aside);
  const isOurs = ours === "unreadable" || found === undefined || found === ours.startedAt;
  if (!isOurs) {
    putBack(aside, file);
  }
  rmSync(aside, { force: true });
}

/** When the stack of a state file was started, which no two stacks of a folder have in common. */
function startOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")).startedAt;
  } catch {
    return undefined;
  }
}

function putBack(aside: string, file: string): void {
  try {
    linkSync(aside, file);
  } catch {
    // A third stack has come, and its state counts.
  }
}

function writeBeside(directory: string, state: StackState): string {
  const file = `${stateFileOf(directory)}.${process.pid}.new`;
  // `pids` is for readers that know nothing else of this file, as the set-up script.
  const document = { ...state, pids: pidsOf(state) };
  try {
    writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    // A full disk has taken the beginning.
    rmSync(file, { force: true });
    throw error;
  }
  return file;
}

function pidsOf(state: StackState): Record<string, number> {
  return Object.fromEntries(processesOf(state).map(({ name, process }) => [name, process.pid]));
}

/** Every process that the state names, in the order in which they must be stopped. */
function processesOf(state: StackState) {
  return [
    { name: "stack:up", process: state.starter },
    { name: "supervisor", process: state.supervisor },
    ...state.children.map(({ name, process }) => ({ name, process })).reverse(),
  ].flatMap(({ name, process }) => (process === null ? [] : [{ name, process }]));
}

/** Those of them that still run. */
export function runningProcessesOf(state: StackState) {
  return processesOf(state).filter(({ process }) => isRunning(process));
}
