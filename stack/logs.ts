import { type CommandCall, type CommandResult, runCommand } from "./command/command.ts";
import { StackError } from "./command/stack-error.ts";
import { readStackConfig, type StackConfig } from "./config.ts";
import { followLines, lastLines } from "./log/log-file.ts";
import { formatLogLine, parseLogLine } from "./log/log-line.ts";
import { serverLogOf } from "./state/stack-state.ts";
import { outputFileOf } from "./supervisor/output-file.ts";

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
  const file = fileOf(readStackConfig(), call.positionals[0]);
  const count = countOf(call.options.lines ?? "50");
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
    throw new StackError({
      code: "nothing_logged",
      seen: `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      action: "It is written from the first start on: npm run stack:up.",
      exitCode: 2,
    });
  }
  if (trace !== undefined && !hasShown) {
    throw new StackError({
      code: "trace_not_logged",
      seen: `${file} has no line of that trace.`,
      action: "An answer has its trace id in the header X-Trace-Id; without --trace all is shown.",
      exitCode: 1,
    });
  }
  return { exitCode: 0 };
}

function fileOf(config: StackConfig, name: string | undefined): string {
  if (name === undefined) {
    return serverLogOf(config);
  }
  if (!["server", "store", "viewer", "supervisor"].includes(name)) {
    throw new StackError({
      code: "usage_invalid",
      seen: "There is no log of that name.",
      action:
        "The names are server, store, viewer and supervisor; without one it is the server's log.",
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
