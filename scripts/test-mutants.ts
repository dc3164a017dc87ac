/** `npm run test:mutants`: damages the core in small ways, and says what the tests do not notice. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  runCommand,
  StackError,
} from "../stack/index.ts";
import { CheckoutCopy } from "./mutants/checkout-copy.ts";
import { reasonToSurvive } from "./mutants/known-survivors.ts";
import { createMutants, type Mutant, spread } from "./mutants/make-mutants.ts";
import { type Target, targets } from "./mutants/targets.ts";

const options = {
  all: {
    type: "boolean",
    does: "Try every mutant of the files, not a limited number per area. Takes hours.",
  },
  list: { type: "boolean", does: "List the mutants without running a test." },
  jobs: { type: "string", value: "N", does: "Number of parallel runs (2)." },
} as const;

await runCommand({
  name: "npm run test:mutants",
  summary:
    "Makes small faults in copies of the core's files, such as > for >=, and runs the tests that must\nnotice them. If no test notices a fault, it survives: write the test, or list it with a reason in\nscripts/mutants/known-survivors.ts. Takes about half an hour.",
  positionals: { usage: "[FILE...]", max: 100 },
  options,
  examples: [["npm run test:mutants -- --list", "which faults there are"]],
  exitCodes: [
    "Every fault was noticed or is listed with a reason.",
    "Some faults were not noticed. Each is listed.",
    "It could not run: a file is not a target, or the tests fail on the unchanged code.",
  ],
  run,
});

type Call = CommandCall<typeof options>;

interface Trial {
  readonly target: Target;
  readonly mutant: Mutant;
}

async function run(call: Call): Promise<CommandResult> {
  const trials = chosenTrials(call);
  if (call.options.list === true) {
    call.say(...trials.map(({ mutant }) => formatMutant(mutant)), `${trials.length} mutants.`);
    return { exitCode: 0, report: { mutants: trials.map(({ mutant }) => mutant) } };
  }
  const survivors = await findSurvivors(trials, parseJobs(call), call);
  const excused = survivors.filter((mutant) => reasonToSurvive(mutant, readSource(mutant.file)));
  const unexcused = survivors.filter((mutant) => !excused.includes(mutant));
  call.say(...unexcused.map((mutant) => `survived: ${formatMutant(mutant)}`));
  call.say(
    `${trials.length} mutants: ${trials.length - survivors.length} noticed, ${excused.length} survived with a reason, ${unexcused.length} without.`,
  );
  return { exitCode: unexcused.length === 0 ? 0 : 1, report: { survivors: unexcused, excused } };
}

function chosenTrials({ options: { all }, positionals }: Call): Trial[] {
  const chosen = targets.map((target) => {
    const files = target.files.flatMap((pattern) => globSync(pattern, { cwd: checkout })).sort();
    return { target, files: files.filter((file) => isChosen(file, positionals)) };
  });
  const found = chosen.flatMap(({ files }) => files);
  const unknown = positionals.filter((name) => !found.some((file) => isChosen(file, [name])));
  if (unknown.length > 0) {
    throw new StackError("usage_invalid", {
      message: "These are no files that mutants are made of.",
      details: unknown,
      hint: "scripts/mutants/targets.ts lists them.",
    });
  }
  return chosen.flatMap(({ target, files }) => {
    const mutants = files.flatMap((file) => createMutants(file, readSource(file), target.texts));
    const some = all === true ? mutants : spread(mutants, target.count);
    return some.map((mutant) => ({ target, mutant }));
  });
}

function isChosen(file: string, names: readonly string[]): boolean {
  const isCode = !file.endsWith(".test.ts");
  return isCode && (names.length === 0 || names.some((name) => file.startsWith(name)));
}

function parseJobs({ options: { jobs = "2" } }: Call): number {
  if (!/^[1-9]\d?$/.test(jobs)) {
    throw new StackError("usage_invalid", {
      message: "--jobs takes a number from 1 to 99.",
    });
  }
  return Number(jobs);
}

async function findSurvivors(
  trials: readonly Trial[],
  jobs: number,
  call: Call,
): Promise<Mutant[]> {
  const copies = Array.from({ length: jobs }, () => new CheckoutCopy(checkout));
  const survivors: Mutant[] = [];
  const waiting = trials.entries();
  let done = 0;
  try {
    const [first] = copies;
    for (const target of new Set(trials.map((trial) => trial.target))) {
      if (first !== undefined && !(await first.passes(target))) {
        throw failsUndamaged(target);
      }
    }
    await Promise.all(
      copies.map(async (copy) => {
        for (const [, { target, mutant }] of waiting) {
          const noticed = await copy.notices(target, mutant);
          done += 1;
          const place = `${String(done).padStart(4)} of ${trials.length}`;
          call.say(`${place}  ${noticed ? "noticed " : "SURVIVED"}  ${formatMutant(mutant)}`);
          if (!noticed) {
            survivors.push(mutant);
          }
        }
      }),
    );
  } finally {
    for (const copy of copies) {
      copy.remove();
    }
  }
  return survivors;
}

function failsUndamaged({ name, tests }: Target): StackError {
  return new StackError("tests_fail", { target: name, files: tests.join(" ") });
}

function readSource(file: string): string {
  return readFileSync(join(checkout, file), "utf8");
}

function formatMutant({ file, line, before, after }: Mutant): string {
  return `${file}:${line} ${before} → ${after === "" ? "nothing" : after}`;
}
