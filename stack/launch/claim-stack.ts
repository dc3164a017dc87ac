import { toSystemError } from "../command/command.ts";
import { StackError } from "../command/stack-error.ts";
import type { StackConfig } from "../config.ts";
import { isRunning } from "../state/process-identity.ts";
import {
  claimState,
  getStateFile,
  listRunningProcesses,
  readState,
  removeState,
  type StackState,
} from "../state/stack-state.ts";
import { stopStack } from "../state/stop-stack.ts";

/** Enough for every stale state that other calls of `stack:up` leave behind meanwhile. */
const attempts = 5;

/**
 * Writes the state of the stack that is about to start, unless one runs already, which is returned.
 * What a former stack left behind is cleared away.
 * @throws StackError `already_starting` when another `stack:up` is at it, `file_unwritable` when
 *   the stack's folder cannot be used.
 */
export async function claimStack(
  config: StackConfig,
  state: StackState,
  say: (line: string) => void,
): Promise<StackState | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (claim(config.directory, state)) {
      return undefined;
    }
    const found = readState(config.directory);
    if (found === "unreadable") {
      say(`${getStateFile(config.directory)} is not readable as a state, and is replaced.`);
      removeState(config.directory, found);
    } else if (found !== undefined) {
      if (isInUse(found)) {
        return found;
      }
      await clearAway(config, found, say);
    }
  }
  throw alreadyStarting("Another stack:up is starting the stack.");
}

/** @throws StackError `file_unwritable`. */
function claim(directory: string, state: StackState): boolean {
  try {
    return claimState(directory, state);
  } catch (error) {
    const refused = toSystemError(error);
    if (refused?.code === "disk_full" || refused?.code === "too_many_files") {
      throw refused;
    }
    throw new StackError("file_unwritable", {
      message: `The folder ${directory} cannot be used (${(error as NodeJS.ErrnoException).code}).`,
      hint: "Set STACK_DIR to a folder that can be written to.",
    });
  }
}

/** @throws StackError `already_starting`. */
function isInUse(found: StackState): boolean {
  const { starter, supervisor, phase } = found;
  if (starter !== null && isRunning(starter)) {
    throw alreadyStarting(`Another stack:up, process ${starter.pid}, is starting the stack.`);
  }
  const isSupervised = supervisor !== null && isRunning(supervisor);
  if (isSupervised && phase !== "running") {
    throw alreadyStarting("The stack that was there is just ending.");
  }
  return isSupervised;
}

async function clearAway(
  config: StackConfig,
  found: StackState,
  say: (line: string) => void,
): Promise<void> {
  if (listRunningProcesses(found).length > 0) {
    say("A former stack has lost its supervisor. What is left of it is stopped first.");
    await stopStack(config, found, say);
  } else {
    say("A former stack was not stopped properly; its processes are gone. Its state is cleared.");
    removeState(config.directory, found);
  }
}

function alreadyStarting(message: string): StackError {
  return new StackError("already_starting", { message });
}
