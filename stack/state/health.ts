import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { probe } from "./probe.ts";
import { isRunning, residentBytes } from "./process-identity.ts";
import {
  type ChildRecord,
  listRunningProcesses,
  readState,
  type StackState,
} from "./stack-state.ts";

export interface ChildHealth {
  readonly name: string;
  /** `silent`: it runs and does not answer. */
  readonly condition: "ready" | "degraded" | "not ready" | "silent" | "restarting" | "gone";
  readonly pid: number | null;
  readonly residentBytes: number | null;
  readonly url: string;
  readonly model: string | null;
  readonly restarts: number;
  readonly lastExit: { readonly at: string; readonly sentence: string } | null;
}

export interface StackHealth {
  readonly condition: "not running" | "starting" | "stopping" | "good" | "bad";
  readonly state: StackState | null;
  readonly children: readonly ChildHealth[];
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
  /** What a person should know although nothing is broken. */
  readonly notices: readonly string[];
}

/** A busy machine is slow to answer, and that alone is no fault. */
const answerLimitMs = 5_000;

/** Looks at the processes that the state names and asks those that listen how they are. */
export async function checkStack(directory: string): Promise<StackHealth> {
  const state = readState(directory);
  const nothing = { state: null, children: [], problems: [] };
  if (state === undefined) {
    return { ...nothing, condition: "not running", notices: [] };
  }
  if (state === "unreadable" || listRunningProcesses(state).length === 0) {
    const notice = "It was not stopped properly: its state is still there, its processes are gone.";
    return { ...nothing, condition: "not running", notices: [notice] };
  }
  const children = await Promise.all(state.children.map((child) => checkHealth(child, state)));
  const problems = [
    ...listProblems(state),
    ...children.flatMap(listChildProblems),
    ...diskProblems(directory, state),
  ];
  const condition = problems.length > 0 ? "bad" : "good";
  return {
    condition: state.phase === "running" ? condition : state.phase,
    state,
    children,
    problems,
    notices: children.flatMap(listChildNotices),
  };
}

async function checkHealth(child: ChildRecord, state: StackState): Promise<ChildHealth> {
  const { url, readyPath } = getAddress(child.name, state);
  const isAlive = child.process !== null && isRunning(child.process);
  const answer = isAlive ? await probe(`${url}${readyPath}`, answerLimitMs) : undefined;
  const { model } = answer?.body ?? {};
  const pid = isAlive ? (child.process?.pid ?? null) : null;
  return {
    name: child.name,
    condition: isAlive ? toCondition(answer) : child.phase === "waiting" ? "restarting" : "gone",
    pid,
    residentBytes: pid === null ? null : (residentBytes(pid) ?? null),
    url,
    model: typeof model === "string" ? model : null,
    restarts: child.restarts,
    lastExit: child.lastExit,
  };
}

function getAddress(name: string, state: StackState): { url: string; readyPath: string } {
  switch (name) {
    case "server":
      return { url: state.serverUrl ?? "", readyPath: "/readyz" };
    case "viewer":
      return { url: state.viewerUrl ?? "", readyPath: "/api/health" };
    default:
      return { url: state.tempoUrl, readyPath: "/ready" };
  }
}

function toCondition(answer: Awaited<ReturnType<typeof probe>>): ChildHealth["condition"] {
  if (answer === undefined) {
    return "silent";
  }
  if (answer.status !== 200) {
    return "not ready";
  }
  return answer.body.status === "degraded" ? "degraded" : "ready";
}

function listProblems(state: StackState): string[] {
  return state.supervisor !== null && isRunning(state.supervisor)
    ? []
    : ["The supervisor is gone: nothing restarts what ends. npm run stack:up starts all anew."];
}

/** The folder of the data and of the logs; one sentence for a disk that both are on. */
function diskProblems(directory: string, { driver, logFile }: StackState): string[] {
  const folders = [directory, ...(logFile === null ? [] : [dirname(logFile)])];
  const [folder] = folders.filter(isDiskFull);
  if (folder === undefined) {
    return [];
  }
  return [
    driver === "compose"
      ? `The disk of ${folder} is full: a Tempo that has its data there loses spans until it is started again. Make room, then npm run stack:down and stack:up.`
      : `The disk of ${folder} is full: spans are refused for now, and their senders keep them. Make room, and it goes on by itself.`,
  ];
}

function listChildProblems({ name, condition, lastExit }: ChildHealth): string[] {
  const because = lastExit === null ? "" : `; it ${lastExit.sentence}`;
  switch (condition) {
    case "ready":
    case "degraded":
      return [];
    case "not ready":
      return [`The ${name} runs and is not ready${because}.`];
    case "silent":
      return [`The ${name} runs and does not answer${because}.`];
    case "restarting":
      return [`The ${name} is started again soon${because}.`];
    case "gone":
      return [`The ${name} is gone${because}.`];
    default:
      return condition satisfies never;
  }
}

function listChildNotices({ name, condition, restarts, lastExit }: ChildHealth): string[] {
  return [
    ...(condition === "degraded"
      ? [
          `The ${name} is degraded: no real model could be had, a tiny generated one answers, with nonsense.`,
        ]
      : []),
    ...(restarts > 0 && lastExit !== null
      ? [
          `The ${name} was started again ${restarts === 1 ? "once" : `${restarts} times`}: it ${lastExit.sentence} at ${lastExit.at}.`,
        ]
      : []),
  ];
}

/** With less, nothing can be relied on to be written. */
const leastBytes = 4 * 1024 * 1024;

/** Whether the disk of a folder is full; false where that cannot be known. */
export function isDiskFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < leastBytes;
  } catch {
    return false;
  }
}
