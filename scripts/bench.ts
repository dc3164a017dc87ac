import { readConfiguration } from "../server/config.ts";
import { type CommandCall, type CommandResult, runCommand, StackError } from "../stack/index.ts";
import { describeReport, measureServer, partNames } from "./bench/server-bench.ts";
import { describeTraceqlReport, measureTraceql } from "./bench/traceql/traceql-bench.ts";
import { describeViewerReport, measureViewer } from "./bench/viewer/viewer-bench.ts";

const usualPairs = { server: 10, traceql: 30, viewer: 10 } as const;
const quickPairs = { server: 2, traceql: 5, viewer: 2 } as const;
const usualSizes = [140_000, 1_000_000];
const quickSizes = [20_000];
const viewed = { traces: 20_000, idleSeconds: 30 } as const;
const quicklyViewed = { traces: 1_000, idleSeconds: 2 } as const;

type Subject = keyof typeof usualPairs;
const subjects = Object.keys(usualPairs) as Subject[];

const options = {
  pairs: {
    type: "string",
    value: "N",
    does: `Number of compared pairs, runs of each query, and page loads (${usualPairs.server}, ${usualPairs.traceql} and ${usualPairs.viewer}).`,
  },
  quick: {
    type: "boolean",
    does: `Fewer pairs (${quickPairs.server}, ${quickPairs.traceql} and ${quickPairs.viewer}), requests and spans. A smoke test; its figures say little.`,
  },
  only: { type: "string", value: "PART", does: `server: only one part: ${partNames.join(", ")}.` },
  spans: {
    type: "string",
    value: "N[,N…]",
    does: `traceql: the sizes of the stores (${usualSizes.join(",")}).`,
  },
} as const;

await runCommand({
  name: "npm run bench",
  summary:
    "Measures this machine with its own processes and prints Markdown tables.\n\n" +
    "  server   tokens per second compared with a bare node-llama-cpp loop, the cost of tracing and\n" +
    "           logging, gaps between tokens, time to the first token, memory\n" +
    "  traceql  the embedded trace store: spans per second, eight kinds of queries, queries during\n" +
    "           ingest, memory and disk; also an empty Tempo, if TEMPO_URL and TEMPO_OTLP name one\n" +
    "  viewer   the embedded viewer in Chromium: the first dashboard with 20,000 traces compared with\n" +
    "           its queries alone, the size of a page, an idle page\n\n" +
    "The server reads the model, threads and other settings from its own variables. Use an otherwise\n" +
    "idle machine. docs/benchmarks.md explains each figure.",
  positionals: { usage: subjects.join("|"), max: 1 },
  options,
  examples: [["npm run bench -- traceql --quick", "20,000 spans, in a minute or two"]],
  showsWaiting: false,
  exitCodes: [
    "The measurement is complete. The tables show which goals were reached.",
    "A measured program failed.",
    "It could not run: an option or setting is invalid, or the model is missing.",
  ],
  run: bench,
});

type Call = CommandCall<typeof options>;

async function bench(call: Call): Promise<CommandResult> {
  const [subject] = call.positionals;
  switch (subject) {
    case "server":
      return await benchServer(call);
    case "traceql":
      return await benchTraceql(call);
    case "viewer":
      return await benchViewer(call);
    default:
      throw usage(
        `There is nothing to measure by that name.`,
        `Name one of: ${subjects.join(", ")}.`,
      );
  }
}

async function benchServer(call: Call): Promise<CommandResult> {
  const { only, spans } = call.options;
  if (only !== undefined && !partNames.includes(only)) {
    throw usage("There is no such part.", `Name one of: ${partNames.join(", ")}.`);
  }
  if (spans !== undefined) {
    throw usage("The server has no size.", "--spans is for traceql.");
  }
  const report = await measureServer({
    configuration: requireConfiguration(),
    pairs: parsePairs(call, "server"),
    isQuick: call.options.quick ?? false,
    only,
    progress: createProgress(call),
  });
  call.say(...describeReport(report));
  return { exitCode: 0, report };
}

async function benchTraceql(call: Call): Promise<CommandResult> {
  const { only, spans, quick = false } = call.options;
  if (only !== undefined) {
    throw usage("traceql has no parts.", "--only is for the server.");
  }
  const report = await measureTraceql({
    sizes: parseSizes(spans) ?? (quick ? quickSizes : usualSizes),
    questions: parsePairs(call, "traceql"),
    progress: createProgress(call),
  });
  call.say(...describeTraceqlReport(report));
  return { exitCode: 0, report };
}

async function benchViewer(call: Call): Promise<CommandResult> {
  const { only, spans, quick = false } = call.options;
  if (only !== undefined) {
    throw usage("viewer has no parts.", "--only is for the server.");
  }
  if (spans !== undefined) {
    throw usage("The viewer has one size.", "--spans is for traceql.");
  }
  const report = await measureViewer({
    ...(quick ? quicklyViewed : viewed),
    openings: parsePairs(call, "viewer"),
    progress: createProgress(call),
  });
  call.say(...describeViewerReport(report));
  return { exitCode: 0, report };
}

function createProgress(call: Call): (sentence: string) => void {
  return (sentence) => call.say(call.style("dim", sentence));
}

function parsePairs({ options: { pairs, quick = false } }: Call, subject: Subject): number {
  if (pairs === undefined) {
    return (quick ? quickPairs : usualPairs)[subject];
  }
  if (/^[1-9]\d{0,3}$/.test(pairs)) {
    return Number(pairs);
  }
  throw usage("The number of pairs is none.", "Give a whole number from 1 to 9999.");
}

function parseSizes(text: string | undefined): number[] | undefined {
  if (text === undefined) {
    return undefined;
  }
  const sizes = text.split(",");
  if (sizes.every((size) => /^[1-9]\d{3,7}$/.test(size))) {
    return sizes.map(Number);
  }
  throw usage("A number of spans is none.", "Give whole numbers from 1000 to 99999999.");
}

function requireConfiguration() {
  const result = readConfiguration();
  if ("configuration" in result) {
    return result.configuration;
  }
  throw new StackError("configuration_invalid", {
    details: result.faults.map(({ variable, reason }) => `${variable}: ${reason}`),
  });
}

function usage(message: string, hint: string): StackError {
  return new StackError("usage_invalid", { message, hint });
}
