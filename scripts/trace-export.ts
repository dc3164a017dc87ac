import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import {
  type Contract,
  getDuration,
  judgeServices,
  notJudgedLines,
  type Span,
  writeResourceSpans,
} from "#contract";
import { miniserve } from "#miniserve";
import {
  type CommandCall,
  type CommandResult,
  chosenServices,
  drawSpanTree,
  findRunningStack,
  findTraceStore,
  formatViolation,
  getServerLog,
  isAsContracted,
  newestRequest,
  parseTraceId,
  readStackConfig,
  runCommand,
  StackError,
  sampleTrace,
  serviceOptions,
  traceNotFound,
  waitForTrace,
} from "../stack/index.ts";

const options = {
  ...serviceOptions,
  out: {
    type: "string",
    value: "FILE",
    does: "The output file, overwritten if it exists (TRACE_ID.json in the current folder).",
  },
  sample: { type: "boolean", does: "Send a sample request and write its trace." },
  server: { type: "string", value: "URL", does: "The server for the sample request." },
  "log-file": { type: "string", value: "FILE", does: "The server's log file." },
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
} as const;

/** The spans of the newest request may be on their way. */
const traceLimitMs = 2_000;

await runCommand({
  name: "npm run trace:export",
  summary:
    "Writes a trace of the running stack to a file, as OTLP JSON. Without an id it takes the newest\n" +
    "request in the server's log, as trace:show does.",
  positionals: { usage: "[TRACE_ID]", max: 1 },
  options,
  examples: [["npm run trace:export -- --out trace.json", "the newest trace"]],
  exitCodes: [
    "The trace was written and is valid, or its service has no contract and it was not checked.",
    "The trace was written but breaks the contract, or there is no such trace.",
    "It could not run: the stack is not running, or an option or setting is invalid.",
  ],
  run: exportTrace,
});

async function exportTrace(call: CommandCall<typeof options>): Promise<CommandResult> {
  const { say, style, columns } = call;
  const contracts = (await chosenServices(call.options)).map(({ contract }) => contract);
  const spans = sortSpans(await spansToWrite(call, contracts));
  const { out } = call.options;
  const file = resolve(out ?? `${spans[0]?.traceId}.json`);
  write(file, spans, { mayReplace: out !== undefined });
  const judgement = judgeServices(contracts, spans);
  const { violations } = judgement;
  say(...drawSpanTree(contracts, spans, { style, columns }));
  say(...violations.map(formatViolation).map((sentence) => `${style("red", "✗")} ${sentence}`));
  say(...notJudgedLines(judgement).map((line) => `${style("yellow", "!")} ${line}`));
  say(`Written to ${relative(process.cwd(), file)}.`);
  return {
    exitCode: violations.length === 0 ? 0 : 1,
    report: { file, traceId: spans[0]?.traceId, spans: spans.length, violations },
  };
}

async function spansToWrite(
  call: CommandCall<typeof options>,
  contracts: readonly Contract[],
): Promise<readonly Span[]> {
  const { sample, server: serverUrl, tempo, "log-file": logFile } = call.options;
  const [given] = call.positionals;
  if ((sample === true && given !== undefined) || (sample !== true && serverUrl !== undefined)) {
    throw new StackError("usage_invalid", {
      message:
        sample === true
          ? "A trace is named, and --sample makes another."
          : "--server is where --sample sends its request, and that is not given.",
      hint: "Give --sample for the trace of a new request, or TRACE_ID for one that there is.",
    });
  }
  const config = readStackConfig();
  if (sample === true) {
    const stack = await findRunningStack(config, { serverUrl, tempoUrl: tempo });
    return (await sampleTrace(miniserve, config, stack)).spans;
  }
  const wanted = given === undefined ? undefined : parseTraceId(given);
  const tempoUrl = await findTraceStore(config, tempo);
  const traceId = wanted ?? newestRequest(logFile ?? getServerLog(config), "npm run trace:export");
  const spans = await waitForTrace(tempoUrl, traceId, {
    limitMs: traceLimitMs,
    isComplete: (found) =>
      wanted !== undefined ? found.length > 0 : isAsContracted(contracts, found),
  });
  if (spans.length === 0) {
    throw traceNotFound(traceId);
  }
  return spans;
}

/** A store gives spans in no useful order; a file is read from the top. */
function sortSpans(spans: readonly Span[]): Span[] {
  return spans.toSorted(
    (a, b) =>
      Number(a.startTimeUnixNano - b.startTimeUnixNano) || Number(getDuration(b) - getDuration(a)),
  );
}

/** What nobody has named is never written over: it may be committed. */
function write(
  file: string,
  spans: readonly Span[],
  { mayReplace }: { readonly mayReplace: boolean },
): void {
  const document = { resourceSpans: writeResourceSpans(spans, "otlp") };
  const text = `${JSON.stringify(document, null, 2)}\n`;
  try {
    if (!mayReplace && existsSync(file)) {
      if (readFileSync(file, "utf8") === text) {
        return;
      }
      throw unwritable(`${file} is there already, with something else in it.`, "Write over it");
    }
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    if (error instanceof StackError) {
      throw error;
    }
    const { code } = error as NodeJS.ErrnoException;
    throw unwritable(`${file} cannot be written (${code}).`, "Name another file");
  }
}

function unwritable(message: string, wish: string): StackError {
  const hint = `${wish} with --out FILE.`;
  return new StackError("file_unwritable", { message, hint });
}
