import { createInterface } from "node:readline/promises";
import { type CommandCall, type CommandResult, runCommand } from "./command/command.ts";
import { StackError } from "./command/stack-error.ts";
import { readStackConfig, type StackConfig } from "./config.ts";
import { Containers } from "./deployment/compose/run/containers.ts";
import { type RemovableData, removableData } from "./launch/removable-data.ts";
import {
  getStateFile,
  listRunningProcesses,
  readState,
  removeState,
  type StackState,
} from "./state/stack-state.ts";
import { stopStack } from "./state/stop-stack.ts";

const options = {
  volumes: { type: "boolean", does: "Also delete the stored traces, log lines and metrics." },
  yes: { type: "boolean", does: "Delete without asking." },
} as const;

await runCommand({
  name: "npm run stack:down",
  summary:
    "Stops the stack: first the server, so that its last spans arrive, then the store or the containers.\nStored data is kept.",
  options,
  examples: [["npm run stack:down -- --volumes --yes", "deletes the stored traces, too"]],
  exitCodes: [
    "The stack is stopped, or was not running.",
    "A part of the stack is still running.",
    "Invalid options or settings, or no terminal to ask.",
  ],
  run: down,
});

async function down(call: CommandCall<typeof options>): Promise<CommandResult> {
  const config = readStackConfig();
  const found = readState(config.directory);
  const data = call.options.volumes === true ? await removableData(config, found) : undefined;
  if (data !== undefined && !(await isAgreed(call, data))) {
    call.say("Nothing was stopped, and nothing removed.");
    return { exitCode: 0, report: { result: "declined" } };
  }
  const report = await stop(call, config, found);
  await data?.remove();
  call.say(...(data === undefined ? [] : ["What was stored is removed."]));
  return { exitCode: 0, report: { ...report, removed: data?.names ?? [] } };
}

async function stop(
  { say, options: given }: CommandCall<typeof options>,
  config: StackConfig,
  found: StackState | "unreadable" | undefined,
): Promise<{ readonly result: string; readonly afterMs?: number }> {
  if (found === undefined) {
    say("The stack does not run.");
    return { result: "did not run" };
  }
  const containers =
    found !== "unreadable" && found.driver === "compose"
      ? await Containers.find(config)
      : undefined;
  if (found === "unreadable" || listRunningProcesses(found).length === 0) {
    await containers?.clear();
    removeState(config.directory, found);
    say("The stack did not run. The state that a former one left behind is cleared.");
    return { result: "stale state cleared" };
  }
  const started = performance.now();
  say("Stopping the stack ...");
  await stopStack(config, found, say);
  await containers?.stop();
  requireStopped(config);
  const afterMs = Math.round(performance.now() - started);
  const rest = given.volumes === true ? "" : " The data stay.";
  say(`The stack has stopped, after ${(afterMs / 1000).toFixed(1)} s.${rest}`);
  return { result: "stopped", afterMs };
}

/** @throws StackError `usage_invalid` where there is nobody to ask. */
async function isAgreed(
  { options: given, say }: CommandCall<typeof options>,
  { names }: RemovableData,
): Promise<boolean> {
  if (given.yes === true || names.length === 0) {
    return true;
  }
  say("This removes for good:", ...names.map((name) => `  ${name}`));
  if (!process.stdin.isTTY) {
    throw new StackError("usage_invalid", {
      message: "--volumes asks first, and there is no terminal.",
      hint: "Add --yes.",
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question("Remove it? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function requireStopped({ directory }: Pick<StackConfig, "directory">): void {
  const state = readState(directory);
  if (state !== undefined) {
    throw new StackError("stop_failed", { file: getStateFile(directory) });
  }
}
