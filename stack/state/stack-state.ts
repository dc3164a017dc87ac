import { createHmac } from "node:crypto";
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { StackConfig } from "../config.ts";
import { type Mended, makePrivateFolder, restrictPermissions } from "../private-files.ts";
import { getOutputFile } from "../supervisor/output-file.ts";
import { isRunning } from "./process-identity.ts";

/** Replaces the state; a reader sees the old one or the new one, never half of it. */
export function writeState(directory: string, state: StackState): void {
  renameSync(writeBeside(directory, state), getStateFile(directory));
}

/** Writes the state if there is none; false when another process was faster. */
export function claimState(directory: string, state: StackState): boolean {
  makePrivateFolder(directory);
  const written = writeBeside(directory, state);
  try {
    // Unlike a rename, a link does not replace what is there.
    linkSync(written, getStateFile(directory));
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
  const file = getStateFile(directory);
  const aside = `${file}.${process.pid}.removed`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const found = readStart(aside);
  const isOurs = ours === "unreadable" || found === undefined || found === ours.startedAt;
  if (!isOurs) {
    putBack(aside, file);
  }
  rmSync(aside, { force: true });
}

/** When the stack of a state file was started, which no two stacks of a folder have in common. */
function readStart(file: string): unknown {
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
  const file = `${getStateFile(directory)}.${process.pid}.new`;
  // `pids` is for readers that know nothing else of this file, as the set-up script.
  const document = { ...state, pids: listPids(state) };
  try {
    writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    // A full disk has taken the beginning.
    rmSync(file, { force: true });
    throw error;
  }
  return file;
}

function listPids(state: StackState): Record<string, number> {
  return Object.fromEntries(listProcesses(state).map(({ name, process }) => [name, process.pid]));
}

/** Every process that the state names, in the order in which they must be stopped. */
function listProcesses(state: StackState) {
  return [
    { name: "stack:up", process: state.starter },
    { name: "supervisor", process: state.supervisor },
    ...state.children.map(({ name, process }) => ({ name, process })).reverse(),
  ].flatMap(({ name, process }) => (process === null ? [] : [{ name, process }]));
}

/** Those of them that still run. */
export function listRunningProcesses(state: StackState) {
  return listProcesses(state).filter(({ process }) => isRunning(process));
}

const processRecord = z.object({ pid: z.number().int().positive(), startedAs: z.string() });

const childRecord = z.object({
  name: z.string(),
  phase: z.enum(["starting", "ready", "waiting", "stopping", "stopped"]),
  process: processRecord.nullable(),
  /** When it was started last, in ISO time. */
  startedAt: z.string().nullable(),
  restarts: z.number().int(),
  /** How it ended the last time that nobody had asked it to, in a sentence. */
  lastExit: z.object({ at: z.string(), sentence: z.string() }).nullable(),
});

const stackState = z.object({
  version: z.literal(1),
  phase: z.enum(["starting", "running", "stopping"]),
  driver: z.enum(["embedded", "compose"]),
  startedAt: z.string(),
  serverUrl: z.string().nullable(),
  /** Of the dashboards. A state from before there was a viewer has none. */
  viewerUrl: z.string().nullable().default(null),
  tempoUrl: z.string(),
  otlpGrpcUrl: z.string(),
  otlpHttpUrl: z.string(),
  /** In containers: the parts by name, with the address that says whether each is ready. */
  parts: z.record(z.string(), z.string()).optional(),
  logFile: z.string().nullable(),
  /** The settings that it was started with, as digests. A state from before has none. */
  settings: z.record(z.string(), z.string()).optional(),
  /** The `stack:up` that starts the stack, until it has. */
  starter: processRecord.nullable(),
  supervisor: processRecord.nullable(),
  children: z.array(childRecord),
});

export type ChildRecord = z.infer<typeof childRecord>;

/** What `stack.json` says about the stack that runs, or ran. */
export type StackState = z.infer<typeof stackState>;

/** The state on disk; "unreadable" for a file that is not ours, undefined when there is none. */
export function readState(directory: string): StackState | "unreadable" | undefined {
  try {
    const parsed = stackState.safeParse(JSON.parse(readFileSync(getStateFile(directory), "utf8")));
    return parsed.success ? parsed.data : "unreadable";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "unreadable";
  }
}

/** Where the state of the stack in a folder is written. */
export function getStateFile(directory: string): string {
  return join(directory, "stack.json");
}

/** What the stack has in its folder besides the store's data, which the store looks after. */
const ownName = /^(stack\.json.*|(supervisor|store|viewer|server)\.log(\.1)?|no-log|data)$/;

/** Takes from others what they could read of it; the folder itself too, unless it is not ours alone. */
export function restrictStackDirectory(directory: string): Mended {
  const names = readdirSync(directory);
  const own = names.filter((name) => ownName.test(name) && name !== "data");
  const isOursAlone = names.every((name) => ownName.test(name));
  return restrictPermissions(isOursAlone ? [directory] : own.map((name) => join(directory, name)));
}

/** Variable → a digest of its value, so that a state on disk tells no secret. */
type SettingsDigest = Readonly<Record<string, string>>;

/** The digest of settings. When the stack was started is its salt. */
export function computeDigest(
  settings: Readonly<Record<string, string>>,
  startedAt: string,
): SettingsDigest {
  return Object.fromEntries(
    Object.entries(settings).map(([variable, value]) => [
      variable,
      createHmac("sha256", startedAt).update(value).digest("hex").slice(0, 16),
    ]),
  );
}

/** The variables that are set in one of two and not, or otherwise, in the other. */
export function differingSettings(one: SettingsDigest, other: SettingsDigest): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((variable) => one[variable] !== other[variable])
    .toSorted();
}

/** The variables that are not what they were when the stack was started. */
export function changedSettings(
  { settings: started, startedAt }: StackState,
  settings: Readonly<Record<string, string>>,
): string[] {
  return started === undefined
    ? []
    : differingSettings(started, computeDigest(settings, startedAt));
}

/** Where the server's log lines can be read: as the running stack has it, or as it would. */
export function getServerLog(config: StackConfig): string {
  const state = readState(config.directory);
  const running = state === undefined || state === "unreadable" ? config : state;
  // A server that writes no file still writes the same lines to its output.
  return running.logFile ?? getOutputFile(config.directory, "server");
}
