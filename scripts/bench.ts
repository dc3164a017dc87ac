import { readConfiguration } from "../server/config.ts";
import { type CommandCall, type CommandResult, runCommand, StackError } from "../stack/index.ts";
import { describeReport, measureServer, partNames } from "./bench/server-bench.ts";

const subjects = ["server"];
const usualPairs = 10;
const quickPairs = 2;

const options = {
  pairs: {
    type: "string",
    value: "N",
    does: `How many pairs are measured where two things are compared: ${usualPairs} unless given.`,
  },
  quick: {
    type: "boolean",
    does: `Two minutes instead of ten: ${quickPairs} pairs, fewer requests. Tries it; its figures say little.`,
  },
  only: { type: "string", value: "PART", does: `One part: ${partNames.join(", ")}.` },
} as const;

await runCommand({
  name: "npm run bench",
  summary:
    "Measures on this machine, with processes of its own, and prints tables in Markdown.\n\n" +
    "  server   tokens a second against a bare node-llama-cpp loop, what tracing and logging cost,\n" +
    "           gaps between tokens, time to the first token, memory\n\n" +
    "It takes the model, threads and other settings from the same variables as the server. Measure on a\n" +
    "machine that does nothing else. docs/benchmarks.md says what each figure means.",
  positionals: { usage: subjects.join("|"), max: 1 },
  options,
  exitCodes: [
    "It was measured. Whether a goal was reached stands in the tables.",
    "A program that was to be measured failed.",
    "It could not run, because an option or setting is wrong, or the model is not there.",
  ],
  run: bench,
});

async function bench(call: CommandCall<typeof options>): Promise<CommandResult> {
  const [subject] = call.positionals;
  if (subject === undefined || !subjects.includes(subject)) {
    throw usage(
      `There is nothing to measure by that name.`,
      `Name one of: ${subjects.join(", ")}.`,
    );
  }
  const { quick = false, only } = call.options;
  if (only !== undefined && !partNames.includes(only)) {
    throw usage("There is no such part.", `Name one of: ${partNames.join(", ")}.`);
  }
  const report = await measureServer({
    configuration: requireConfiguration(),
    pairs: pairsOf(call.options.pairs) ?? (quick ? quickPairs : usualPairs),
    isQuick: quick,
    only,
    progress: (sentence) => call.say(call.style("dim", sentence)),
  });
  call.say(...describeReport(report));
  return { exitCode: 0, report };
}

function pairsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw usage("The number of pairs is none.", "Give a whole number from 1 to 9999.");
}

function requireConfiguration() {
  const result = readConfiguration();
  if ("configuration" in result) return result.configuration;
  throw new StackError({
    code: "configuration_invalid",
    seen: "Settings of the server cannot be used.",
    details: result.faults.map(({ variable, reason }) => `${variable}: ${reason}`),
    exitCode: 2,
  });
}

function usage(seen: string, action: string): StackError {
  return new StackError({ code: "usage_invalid", seen, action, exitCode: 2 });
}
