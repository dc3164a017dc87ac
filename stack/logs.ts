import { type CommandCall, type CommandResult, runCommand } from "./command/command.ts";
import { StackError } from "./command/stack-error.ts";
import { readStackConfig, type StackConfig } from "./config.ts";
import { followLines, lastLines } from "./log/log-file.ts";
import { formatLogLine, parseLogLine } from "./log/log-line.ts";
import { getServerLog } from "./state/stack-state.ts";
import { getOutputFile } from "./supervisor/output-file.ts";

const options = {
  follow: { type: "boolean", short: "f", does: "Keep printing new lines, until Ctrl-C." },
  lines: { type: "string", short: "n", value: "N", does: "Number of lines (50)." },
  trace: { type: "string", value: "TRACE_ID", does: "Show only the lines of this trace." },
  raw: { type: "boolean", does: "Show the lines as they are in the file." },
} as const;

await runCommand({
  name: "npm run stack:logs",
  summary:
    "Shows the server's log. With a name, shows that process's output, which says why a process could\nnot start.",
  positionals: { usage: "[server|store|viewer|supervisor]", max: 1 },
  options,
  json: false,
  examples: [["npm run stack:logs -- store", "what the trace store printed"]],
  showsWaiting: false,
  exitCodes: [
    "The log was shown.",
    "The trace is not in the log.",
    "There is no such log, or an option is invalid.",
  ],
  run: logs,
});

async function logs(call: CommandCall<typeof options>): Promise<CommandResult> {
  // Lines that nobody reads any more need not be found.
  process.stdout.on("error", () => process.exit(0));
  const file = getLogFile(readStackConfig(), call.positionals[0]);
  const count = parseLineCount(call.options.lines ?? "50");
  const { raw, follow } = call.options;
  const trace = call.options.trace?.toLowerCase();
  let hasShown = false;
  const show = (lines: readonly string[]) => {
    for (const line of lines) {
      if (trace === undefined || parseLogLine(line)?.traceId === trace) {
        hasShown = true;
        call.say(
          raw === true ? line : formatLogLine(line, call.style, { withTrace: trace === undefined }),
        );
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
    throw new StackError("file_unreadable", {
      message: `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      hint: "It is written from the first start on: npm run stack:up.",
    });
  }
  if (trace !== undefined && !hasShown) {
    throw new StackError("trace_not_logged", { file });
  }
  return { exitCode: 0 };
}

function getLogFile(config: StackConfig, name: string | undefined): string {
  if (name === undefined) {
    return getServerLog(config);
  }
  if (!["server", "store", "viewer", "supervisor"].includes(name)) {
    throw new StackError("usage_invalid", {
      message: "There is no log of that name.",
      hint: "The names are server, store, viewer and supervisor; without one it is the server's log.",
    });
  }
  return getOutputFile(config.directory, name);
}

function parseLineCount(lines: string): number {
  const count = Number(lines);
  if (!Number.isInteger(count) || count < 1) {
    throw new StackError("usage_invalid", {
      message: "-n is not a number of lines.",
      hint: "Give it a whole number from 1 on, for example -n 200.",
    });
  }
  return count;
}
