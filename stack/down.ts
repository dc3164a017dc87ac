import { type CommandCall, type CommandResult, runCommand } from "./command/command.ts";
import { StackError } from "./command/stack-error.ts";
import { readStackConfig, type StackConfig } from "./config.ts";
import { readState } from "./state/read-state.ts";
import { removeState, runningProcessesOf } from "./state/stack-state.ts";
import { stateFileOf } from "./state/state-file.ts";
import { stopStack } from "./state/stop-stack.ts";

await runCommand({
  name: "npm run stack:down",
  summary:
    "Stops the stack: first the server, so that its last spans arrive, then the store. The data stay.",
  options: {},
  exitCodes: [
    "It is stopped, or it did not run.",
    "Something of it still runs.",
    "The options or settings are wrong.",
  ],
  run: down,
});

async function down({ say }: CommandCall<Record<never, never>>): Promise<CommandResult> {
  const config = readStackConfig();
  const found = readState(config.directory);
  if (found === undefined) {
    say("The stack does not run.");
    return { exitCode: 0, report: { result: "did not run" } };
  }
  if (found === "unreadable" || runningProcessesOf(found).length === 0) {
    removeState(config.directory, found);
    say("The stack did not run. The state that a former one left behind is cleared.");
    return { exitCode: 0, report: { result: "stale state cleared" } };
  }
  const started = performance.now();
  say("Stopping the stack ...");
  await stopStack(config, found, say);
  requireStopped(config);
  const afterMs = Math.round(performance.now() - started);
  say(`The stack has stopped, after ${(afterMs / 1000).toFixed(1)} s. The data stay.`);
  return { exitCode: 0, report: { result: "stopped", afterMs } };
}

function requireStopped({ directory }: Pick<StackConfig, "directory">): void {
  const state = readState(directory);
  if (state !== undefined) {
    throw new StackError({
      code: "stop_failed",
      seen: `${stateFileOf(directory)} is still there: another stack:up may have just begun.`,
      action: "npm run stack:status says what runs.",
      exitCode: 1,
    });
  }
}
