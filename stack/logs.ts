import { type CommandCall, type CommandResult, runCommand } from "./command/command.ts";
import { StackError } from "./command/stack-error.ts";
import type { Style } from "./command/terminal.ts";
import { readStackConfig, type StackConfig } from "./config.ts";
import { followLines, lastLines } from "./log/log-file.ts";
import { formatLogLine, parseLogLine } from "./log/log-line.ts";
import { readState } from "./state/read-state.ts";
import { outputFileOf } from "./supervisor/output-file.ts";

const options = {
  follow: { type: "boolean", short: "f", does: "Go on with the lines that follow, until Ctrl-C." },
  lines: { type: "string", short: "n", value: "N", does: "How many lines; 50 by default." },
  trace: { type: "string", value: "TRACE_ID", does: "Only the lines of this trace." },
  raw: { type: "boolean", does: "The lines as they are in the file." },
} as const;

await runCommand({
  name: "npm run stack:logs",
  summary:
    "Shows the server's log. With a name: what that process wrote to its output, which is where a\nprocess that could not start says why.",
  positionals: { usage: "[server|store|supervisor]", max: 1 },
  options,
  json: false,
  exitCodes: ["Shown.", "Not used.", "There is no such log, or the options are wrong."],
  run: logs,
});

async function logs(call: CommandCall<typeof options>): Promise<CommandResult> {
  // Lines that nobody reads any more need not be found.
  process.stdout.on("error", () => process.exit(0));
  const file = fileOf(readStackConfig(), call.positionals[0]);
  const count = countOf(call.options.lines ?? "50");
  const { trace, raw, follow } = call.options;
  const show = (lines: readonly string[]) => {
    for (const line of lines) {
      if (trace === undefined || parseLogLine(line)?.traceId === trace.toLowerCase()) {
        call.say(raw === true ? line : shown(line, call.style));
      }
    }
  };
  // Of a trace all lines are wanted, wherever they stand.
  const limit = trace === undefined ? count : Number.POSITIVE_INFINITY;
  try {
    if (follow === true) {
      for await (const lines of followLines(file, limit)) {
        show(lines);
      }
    }
    show(lastLines(file, limit));
  } catch (error) {
    throw new StackError({
      code: "nothing_logged",
      seen: `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      action: "It is written from the first start on: npm run stack:up.",
      exitCode: 2,
    });
  }
  return { exitCode: 0 };
}

/** What a program wrote may move the cursor or worse: control characters are not passed on. */
function shown(line: string, style: Style): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return formatLogLine(line.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "�"), style);
}

function fileOf(config: StackConfig, name: string | undefined): string {
  if (name === undefined) {
    const state = readState(config.directory);
    const running = state === undefined || state === "unreadable" ? config : state;
    // A server that writes no file still writes the same lines to its output.
    return running.logFile ?? outputFileOf(config.directory, "server");
  }
  if (!["server", "store", "supervisor"].includes(name)) {
    throw new StackError({
      code: "usage_invalid",
      seen: "There is no log of that name.",
      action: "The names are server, store and supervisor; without one it is the server's log.",
      exitCode: 2,
    });
  }
  return outputFileOf(config.directory, name);
}

function countOf(lines: string): number {
  const count = Number(lines);
  if (!Number.isInteger(count) || count < 1) {
    throw new StackError({
      code: "usage_invalid",
      seen: "-n is not a number of lines.",
      action: "Give it a whole number from 1 on, for example -n 200.",
      exitCode: 2,
    });
  }
  return count;
}
