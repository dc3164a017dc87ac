import { existsSync, readFileSync } from "node:fs";
import {
  type Contract,
  type Judgement,
  judgeServices,
  notJudgedLines,
  type ReadResult,
  readOtlpJson,
  shortText,
} from "#contract";
import {
  type CommandCall,
  type CommandResult,
  chosenServices,
  drawSpanTree,
  formatViolation,
  isTraceId,
  runCommand,
  StackError,
  serviceOptions,
} from "../stack/index.ts";

await runCommand({
  name: "npm run trace:check",
  summary:
    "Checks a trace file against the contract. Accepts OTLP JSON, Tempo's batches, and\n{trace: {resourceSpans}}. - reads standard input.",
  positionals: { usage: "FILE", max: 1 },
  options: serviceOptions,
  examples: [
    ["npm run trace:check -- experiments/34-traces/sample-trace.json", "a trace in a file"],
  ],
  exitCodes: [
    "The trace is valid.",
    "The trace is invalid, or has no request of the contract's service; every violation is listed.",
    "The file cannot be read or is not JSON.",
  ],
  run: check,
});

async function check(call: CommandCall<typeof serviceOptions>): Promise<CommandResult> {
  const [file] = call.positionals;
  if (file === undefined) {
    throw new StackError("usage_invalid", {
      message: "No file was named.",
      hint: "For example: npm run trace:check -- experiments/34-traces/sample-trace.json",
    });
  }
  if (isTraceId(file) && !existsSync(file)) {
    throw new StackError("usage_invalid", {
      message: "That is the id of a trace, and this command takes a file.",
      hint: `To look at the trace: npm run trace:show -- ${file}`,
    });
  }
  const read = readOtlpJson(readDocument(file));
  const contracts = (await chosenServices(call.options)).map(({ contract }) => contract);
  const judgement = judgeServices(contracts, read.spans);
  const faults = listFaults(read, judgement);
  const sentences = [...faults, ...judgement.violations.map(formatViolation)];
  print(call, read, { contracts, judgement, sentences });
  const isNotJudged = sentences.length === 0 && isForeign(judgement);
  return {
    exitCode: sentences.length === 0 && !isNotJudged ? 0 : 1,
    report: {
      // Of what is not judged, nobody knows.
      valid: isNotJudged ? null : sentences.length === 0,
      spans: read.spans.length,
      requests: judgement.requests.length,
      judged: judgement.judged,
      notJudged: judgement.notJudged,
      faults,
      violations: judgement.violations,
    },
  };
}

/** All spans are of services that the contract does not declare. */
function isForeign({ judged, notJudged }: Judgement): boolean {
  return judged.length === 0 && notJudged.length > 0;
}

/** What is wrong with the file as a file of spans. */
function listFaults({ faults }: ReadResult, judgement: Judgement): string[] {
  const sentences = faults.map(
    ({ path, seen, expected }) => `${shortText(path)}: ${shortText(seen)}, expected ${expected}`,
  );
  // A file that is none of spans, or none of ours, needs not be told that it has no request either.
  return sentences.length > 0 || judgement.requests.length > 0 || isForeign(judgement)
    ? sentences
    : [...sentences, "It holds no request of a service of the configuration."];
}

function print(
  { say, style, columns }: CommandCall<typeof serviceOptions>,
  { spans }: ReadResult,
  {
    contracts,
    judgement,
    sentences,
  }: {
    readonly contracts: readonly Contract[];
    readonly judgement: Judgement;
    readonly sentences: readonly string[];
  },
): void {
  for (const trace of Map.groupBy(spans, ({ traceId }) => traceId).values()) {
    say(style("bold", trace[0]?.traceId ?? ""));
    say(...drawSpanTree(contracts, trace, { style, columns }));
    say("");
  }
  say(...sentences.map((sentence) => `${style("red", "✗")} ${sentence}`));
  say(...notJudgedLines(judgement).map((line) => `${style("yellow", "!")} ${line}`));
  if (sentences.length > 0) {
    const word = sentences.length === 1 ? "violation" : "violations";
    say(style("red", `${sentences.length} ${word}`));
  } else if (!isForeign(judgement)) {
    say(style("green", "valid"));
  }
}

function readDocument(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw unreadable(file, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(file, "is not JSON");
  }
}

function unreadable(file: string, seen: string): StackError {
  return new StackError("file_unreadable", {
    message: `${file} ${seen}.`,
    hint: "npm run trace:export writes one that is.",
  });
}
