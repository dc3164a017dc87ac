import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { miniserve, type Span, writeResourceSpans } from "#contract";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  drawSpanTree,
  fetchTrace,
  findRunningStack,
  findTraceStore,
  judge,
  parseTraceId,
  readStackConfig,
  runCommand,
  StackError,
  sampleTrace,
  sentenceOf,
  traceNotFound,
} from "../stack/index.ts";

const sampleFile = join("experiments", "34-traces", "sample-trace.json");

const options = {
  out: { type: "string", value: "FILE", does: "Where to write it." },
  server: { type: "string", value: "URL", does: "The server, if not that of the running stack." },
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
} as const;

await runCommand({
  name: "npm run trace:export",
  summary:
    "Writes a trace out of the running stack to a file, as OTLP JSON: to TRACE_ID.json in the current\n" +
    `folder. Without an id it sends one sample request and writes its trace to\n${sampleFile}.`,
  positionals: { usage: "[TRACE_ID]", max: 1 },
  options,
  exitCodes: [
    "Written, and as contracted.",
    "Written, and it breaks the contract; or the store has no such trace.",
    "It could not run, because the stack does not, or an option or setting is wrong.",
  ],
  run: exportTrace,
});

async function exportTrace(call: CommandCall<typeof options>): Promise<CommandResult> {
  const { say, style, columns } = call;
  const spans = inOrder(await spansToWrite(call));
  const file = fileOf(call);
  write(file, spans);
  const violations = judge(miniserve, spans);
  say(...drawSpanTree(miniserve, spans, { style, columns }));
  say(...violations.map(sentenceOf).map((sentence) => `${style("red", "✗")} ${sentence}`));
  say(`Written to ${relative(process.cwd(), file)}.`);
  return {
    exitCode: violations.length === 0 ? 0 : 1,
    report: { file, traceId: spans[0]?.traceId, spans: spans.length, violations },
  };
}

function fileOf({ options: { out }, positionals }: CommandCall<typeof options>): string {
  const [traceId] = positionals;
  if (out !== undefined) {
    return resolve(out);
  }
  return traceId === undefined
    ? resolve(checkout, sampleFile)
    : resolve(`${parseTraceId(traceId)}.json`);
}

async function spansToWrite(call: CommandCall<typeof options>): Promise<readonly Span[]> {
  const config = readStackConfig();
  const given = { serverUrl: call.options.server, tempoUrl: call.options.tempo };
  const [wanted] = call.positionals;
  if (wanted === undefined) {
    const stack = await findRunningStack(config, given);
    return (await sampleTrace(miniserve, config, stack)).spans;
  }
  const traceId = parseTraceId(wanted);
  const tempoUrl = await findTraceStore(config, given.tempoUrl);
  const spans = await fetchTrace(tempoUrl, traceId);
  if (spans.length === 0) {
    throw traceNotFound(traceId);
  }
  return spans;
}

/** A store gives spans in no useful order; a file is read from the top. */
function inOrder(spans: readonly Span[]): Span[] {
  return spans.toSorted(
    (a, b) =>
      Number(a.startTimeUnixNano - b.startTimeUnixNano) ||
      Number(b.endTimeUnixNano - a.endTimeUnixNano),
  );
}

function write(file: string, spans: readonly Span[]): void {
  const document = { resourceSpans: writeResourceSpans(spans, "otlp") };
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    throw new StackError({
      code: "file_unwritable",
      seen: `${file} cannot be written (${(error as NodeJS.ErrnoException).code}).`,
      action: "Name another file with --out.",
      exitCode: 2,
    });
  }
}
