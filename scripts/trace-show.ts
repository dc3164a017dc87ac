import { setTimeout as sleep } from "node:timers/promises";
import { miniserve, type Span, writeResourceSpans } from "#contract";
import {
  attributeLines,
  type CommandCall,
  type CommandResult,
  drawSpanTree,
  findTraceStore,
  formatLogLine,
  isAsContracted,
  judge,
  linesOfTrace,
  newestTraceId,
  parseLogLine,
  parseTraceId,
  readStackConfig,
  requestRoots,
  runCommand,
  StackError,
  sentenceOf,
  serverLogOf,
  traceNotFound,
  waitForTrace,
} from "../stack/index.ts";

const options = {
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
  "log-file": { type: "string", value: "FILE", does: "The server's log file." },
} as const;

/** The spans of a request that has just ended may be on their way. */
const traceLimitMs = 2_000;
const linesLimitMs = 500;

await runCommand({
  name: "npm run trace:show",
  summary:
    "Shows one trace of the running stack: its tree, its attributes, its log lines, and what of it\nbreaks the contract. Without an id it takes the newest request in the server's log.",
  positionals: { usage: "[TRACE_ID]", max: 1 },
  options,
  exitCodes: [
    "Shown, and as contracted.",
    "Shown, and it breaks the contract; or there is no such trace.",
    "It could not run, because the stack does not, or an option or setting is wrong.",
  ],
  run: showTrace,
});

async function showTrace(call: CommandCall<typeof options>): Promise<CommandResult> {
  const config = readStackConfig();
  const logFile = call.options["log-file"] ?? serverLogOf(config);
  const [given] = call.positionals;
  const wanted = given === undefined ? undefined : parseTraceId(given);
  const tempoUrl = await findTraceStore(config, call.options.tempo);
  const traceId = wanted ?? newestOf(logFile);
  const spans = await waitForTrace(tempoUrl, traceId, {
    limitMs: traceLimitMs,
    isComplete: (found) => isAsContracted(miniserve, found),
  });
  if (spans.length === 0) {
    throw traceNotFound(traceId);
  }
  const lines = await linesOf(logFile, traceId);
  const violations = judge(miniserve, spans);
  const faults = [
    ...(requestRoots(miniserve, spans).length > 0 ? [] : ["It holds no request of the server."]),
    ...violations.map(sentenceOf),
  ];
  print(call, { traceId, spans, logFile, lines, faults });
  return {
    exitCode: faults.length === 0 ? 0 : 1,
    report: {
      traceId,
      valid: faults.length === 0,
      violations,
      logFile,
      logLines: lines.map((line) => parseLogLine(line)),
      resourceSpans: writeResourceSpans(spans, "otlp"),
    },
  };
}

function newestOf(logFile: string): string {
  const newest = newestTraceId(logFile);
  if (newest === undefined) {
    throw new StackError({
      code: "nothing_logged",
      seen: `${logFile} has no line of a request.`,
      action: "Send one, or name a trace: npm run trace:show -- TRACE_ID",
      exitCode: 1,
    });
  }
  return newest;
}

/** The server does not wait for its log file, so the first look may be too early. */
async function linesOf(logFile: string, traceId: string): Promise<string[]> {
  for (const deadline = performance.now() + linesLimitMs; ; await sleep(50)) {
    const lines = linesOfTrace(logFile, traceId);
    if (lines.length > 0 || performance.now() >= deadline) {
      return lines;
    }
  }
}

interface Shown {
  readonly traceId: string;
  readonly spans: readonly Span[];
  readonly logFile: string;
  readonly lines: readonly string[];
  readonly faults: readonly string[];
}

function print({ say, style, columns }: CommandCall<typeof options>, shown: Shown): void {
  const { traceId, spans, logFile, lines, faults } = shown;
  say(style("bold", traceId));
  say(...drawSpanTree(miniserve, spans, { style, columns }));
  say("", style("bold", "Attributes"));
  say(...attributeLines(miniserve, spans, columns));
  say("", style("bold", "Log lines"));
  say(...lines.map((line) => formatLogLine(line, style, { withTrace: false })));
  say(...(lines.length > 0 ? [] : [`${logFile} has none of this trace.`]));
  say("", ...faults.map((fault) => `${style("red", "✗")} ${fault}`));
  say(
    faults.length === 0
      ? style("green", "As contracted.")
      : style("red", `${faults.length} ${faults.length === 1 ? "fault" : "faults"}.`),
  );
}
