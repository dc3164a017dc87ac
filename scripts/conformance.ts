/** `npm run conformance`: the table of TraceQL queries with their answers, and a real Tempo beside it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  answerDataSet,
  type CommandCall,
  type CommandResult,
  checkout,
  compareWithTempo,
  dataSetJson,
  localDate,
  runCommand,
  StackError,
  type TempoComparison,
} from "../stack/index.ts";

const options = {
  tempo: { type: "string", value: "URL", does: "The API of a real Tempo to compare with." },
  otlp: { type: "string", value: "URL", does: "That Tempo's OTLP receiver over HTTP." },
  "tempo-version": {
    type: "string",
    value: "X.Y.Z",
    does: "Its version, if it does not report one.",
  },
} as const;

await runCommand({
  name: "npm run conformance",
  summary:
    "Writes the data set of the TraceQL query table and the embedded store's answers. Review every change\nin git diff. With a real Tempo, it queries both and records the differences. npm run generate makes a\npage of it.",
  options,
  examples: [["npm run conformance", "with the embedded store alone"]],
  exitCodes: [
    "The answers are written; a Tempo has only known differences.",
    "The Tempo has unknown differences; the comparison was not written.",
    "It could not run: an option is invalid, or the Tempo does not respond.",
  ],
  run: conformance,
});

async function conformance(call: CommandCall<typeof options>): Promise<CommandResult> {
  const { tempo, otlp } = call.options;
  if ((tempo === undefined) !== (otlp === undefined)) {
    throw new StackError("usage_invalid", {
      message: "Only one of --tempo and --otlp was given.",
      hint: "Give both: where to ask, and where to send spans.",
    });
  }
  write("data-set.json", dataSetJson());
  const answers = await inDirectory((directory) => answerDataSet(directory, (spans) => [spans]));
  write("expected.json", `${JSON.stringify(answers, null, 2)}\n`);
  call.say(`${Object.keys(answers).length} answers of the embedded store are written.`);
  return tempo === undefined || otlp === undefined
    ? { exitCode: 0, report: { answers: Object.keys(answers).length } }
    : await compare(call, tempo, otlp);
}

async function compare(
  call: CommandCall<typeof options>,
  apiUrl: string,
  otlpUrl: string,
): Promise<CommandResult> {
  call.say("Both are asked; this takes a minute or two.");
  const tempoVersion = (await fetchVersion(apiUrl)) || call.options["tempo-version"];
  if (tempoVersion === undefined) {
    throw new StackError("usage_invalid", {
      message: `${apiUrl} does not say its version.`,
      hint: "Say it: --tempo-version X.Y.Z",
    });
  }
  const { asked, explained, unexplained } = await inDirectory((directory) =>
    compareWithTempo({ apiUrl, otlpUrl }, directory),
  );
  const differing = Object.fromEntries(
    [...explained].map(([{ question }, count]) => [question, count]),
  );
  for (const { q, tempo, embedded } of unexplained) {
    call.say(`Differs: ${q}`, `  Tempo ${JSON.stringify(tempo).slice(0, 300)}`);
    call.say(`  here  ${JSON.stringify(embedded).slice(0, 300)}`);
  }
  if (unexplained.length > 0) {
    return { exitCode: 1, report: { asked, differing, unexplained } };
  }
  const comparison: TempoComparison = {
    tempoVersion,
    date: localDate(new Date()),
    asked,
    differing,
  };
  write("tempo-comparison.json", `${JSON.stringify(comparison, null, 2)}\n`);
  call.say(`${asked} asked of both; Tempo ${tempoVersion} differs only where it is known to.`);
  return { exitCode: 0, report: comparison };
}

/** Empty for one that was built without. */
async function fetchVersion(apiUrl: string): Promise<string> {
  try {
    const response = await fetch(`${apiUrl}/api/status/buildinfo`);
    const { version } = (await response.json()) as { version?: string };
    return version ?? "";
  } catch {
    throw new StackError("store_unreachable", {
      address: apiUrl,
      reason: "it does not answer as Tempo does",
    });
  }
}

async function inDirectory<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function write(name: string, content: string): void {
  writeFileSync(join(checkout, "stack/trace-store/traceql/conformance", name), content);
}
