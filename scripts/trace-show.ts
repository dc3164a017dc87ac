import { setTimeout as sleep } from "node:timers/promises";
import {
  type Contract,
  counted,
  type Judgement,
  judgeServices,
  notJudgedLines,
  type Span,
  writeResourceSpans,
} from "#contract";
import {
  attributeLines,
  type CommandCall,
  type CommandResult,
  chosenServices,
  drawSpanTree,
  findTraceStore,
  formatLogLine,
  formatViolation,
  getServerLog,
  isAsContracted,
  newestRequest,
  parseLogLine,
  parseTraceId,
  readStackConfig,
  readTraceLines,
  runCommand,
  serviceOptions,
  traceNotFound,
  waitForTrace,
} from "../stack/index.ts";

const options = {
  ...serviceOptions,
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
  "log-file": { type: "string", value: "FILE", does: "The server's log file." },
} as const;

/** The spans of a request that has just ended may be on their way. */
const traceLimitMs = 2_000;
const linesLimitMs = 500;

await runCommand({
  name: "npm run trace:show",
  summary:
    "Shows a trace of the running stack: its tree, attributes, log lines and violations of the contract.\nWithout an id it takes the newest request in the server's log.",
  positionals: { usage: "[TRACE_ID]", max: 1 },
  options,
  examples: [
    [
      "npm run trace:show -- 0af7651916cd43dd8448eb211c80319c",
      "the trace of an answer's X-Trace-Id",
    ],
  ],
  exitCodes: [
    "The trace is valid, or its service has no contract and it was not checked.",
    "The trace breaks the contract, or there is no such trace.",
    "It could not run: the stack is not running, or an option or setting is invalid.",
  ],
  run: showTrace,
});

async function showTrace(call: CommandCall<typeof options>): Promise<CommandResult> {
  const config = readStackConfig();
  const contracts = (await chosenServices(call.options)).map(({ contract }) => contract);
  const logFile = call.options["log-file"] ?? getServerLog(config);
  const [given] = call.positionals;
  const wanted = given === undefined ? undefined : parseTraceId(given);
  const tempoUrl = await findTraceStore(config, call.options.tempo);
  const traceId = wanted ?? newestRequest(logFile, "npm run trace:show");
  const spans = await waitForTrace(tempoUrl, traceId, {
    limitMs: traceLimitMs,
    isComplete: (found) => isAsContracted(contracts, found),
  });
  if (spans.length === 0) {
    throw traceNotFound(traceId);
  }
  const lines = await readLogLines(logFile, traceId);
  const judgement = judgeServices(contracts, spans);
  const faults = listFaults(judgement);
  print(call, { contracts, traceId, spans, logFile, lines, judgement, faults });
  return {
    exitCode: faults.length === 0 ? 0 : 1,
    report: {
      traceId,
      // Of a trace that is not judged, nobody knows.
      valid: judgement.judged.length === 0 ? null : faults.length === 0,
      violations: judgement.violations,
      judged: judgement.judged,
      notJudged: judgement.notJudged,
      logFile,
      logLines: lines.map((line) => parseLogLine(line)),
      resourceSpans: writeResourceSpans(spans, "otlp"),
    },
  };
}

/** What is wrong with the part of a trace that is judged. */
function listFaults({ judged, requests, violations }: Judgement): string[] {
  const holdsNone = judged.length > 0 && requests.length === 0;
  return [...(holdsNone ? ["It holds no request."] : []), ...violations.map(formatViolation)];
}

/** The server does not wait for its log file, so the first look may be too early. */
async function readLogLines(logFile: string, traceId: string): Promise<string[]> {
  for (const deadline = performance.now() + linesLimitMs; ; await sleep(50)) {
    const lines = readTraceLines(logFile, traceId);
    if (lines.length > 0 || performance.now() >= deadline) {
      return lines;
    }
  }
}

interface Shown {
  readonly contracts: readonly Contract[];
  readonly traceId: string;
  readonly spans: readonly Span[];
  readonly logFile: string;
  readonly lines: readonly string[];
  readonly judgement: Judgement;
  readonly faults: readonly string[];
}

function print({ say, style, columns }: CommandCall<typeof options>, shown: Shown): void {
  const { contracts, traceId, spans, logFile, lines, judgement, faults } = shown;
  say(style("bold", traceId));
  say(...drawSpanTree(contracts, spans, { style, columns }));
  say("", style("bold", "Attributes"));
  say(...attributeLines(contracts, spans, columns));
  say("", style("bold", "Log lines"));
  say(...lines.map((line) => formatLogLine(line, style, { withTrace: false })));
  say(...(lines.length > 0 ? [] : [`${logFile} has none of this trace.`]));
  say("", ...faults.map((fault) => `${style("red", "✗")} ${fault}`));
  say(...notJudgedLines(judgement).map((line) => `${style("yellow", "!")} ${line}`));
  if (faults.length > 0) {
    say(style("red", `${counted(faults.length, "fault")}.`));
  } else if (judgement.judged.length > 0) {
    say(style("green", "As contracted."));
  }
}
