/** `npm test`: everything that CI runs. All checks, then all tests, whatever the checks find. */
import { globSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { childEnvironment, namedVariable } from "../stack/config.ts";
import { printedHelp } from "./check/developer-tool.ts";
import { parts, runParts } from "./check/parts.ts";

const usage = `  npm test                     all checks, then all tests
  npm test -- PATH...          only the tests in these files and folders, without the checks
  npm run test:long            only the long tests (*.long.test.ts); paths work here too

Examples:
  npm test -- contract
      the tests of a folder

Exit code:
  0  Everything passed.
  1  A check or a test failed.
  2  It could not run.
`;

/** What takes longest comes first: at the end, no core waits for the other's last file. */
const codeFolders = [
  "tests",
  "stack",
  "scripts",
  "server",
  "provisioning",
  "dashboards",
  "contract",
];

const longSuffix = ".long.test.ts";
/** A test that hangs must fail, and not take the whole run's time. */
const timeLimitMs = { short: 5 * 60_000, long: 60 * 60_000 };
/** The machines that this runs on have two cores, and half of the time a test waits for a process. */
const filesAtOnce = 3;

/** What the tests use where a variable names it, or the machine has it. */
const optionalPeers: readonly (readonly [variable: string, peer: string])[] = [
  ["GRAFANA_BIN", "a real Grafana"],
  ["TEMPO_BIN", "a real Tempo"],
  ["TEMPO_URL", "a running Tempo"],
  ["OTELCOL_BIN", "a real Collector"],
];

const wholeOutput = new URL("whole-test-output.mjs", import.meta.url).href;

const options = process.argv.slice(2);
const isLong = options.includes("--long");
const paths = options.filter((option) => !option.startsWith("--"));
const files = testFiles(paths.length > 0 ? paths : codeFolders);

if (printedHelp(usage)) {
  process.exitCode = 0;
} else if (files.length === 0) {
  process.stderr.write(
    `no_tests: no ${isLong ? "long " : ""}test file in ${(paths.length > 0 ? paths : codeFolders).join(", ")}; ` +
      "name a file or folder that has one.\n",
  );
  process.exitCode = 2;
} else {
  if (paths.length === 0 && !isLong) {
    process.stdout.write(announcement());
  }
  const failed = paths.length > 0 || isLong ? [] : await runParts(process.cwd(), parts);
  const testsPassed = await runTests();
  if (failed.length > 0) {
    process.stdout.write(
      `FAILED before the tests: ${failed.map((part) => part.name).join(", ")}\n`,
    );
  }
  process.exitCode = testsPassed && failed.length === 0 ? 0 : 1;
}

function announcement(): string {
  const absent = optionalPeers.filter(([variable]) => namedVariable(variable) === undefined);
  const skipped = absent.map(([variable, peer]) => `${peer} (${variable})`).join(", ");
  return [
    `All checks, then ${files.length} files of tests: about ten minutes on two cores.`,
    ...(skipped === ""
      ? []
      : [`Skipped, because their variable is not set: tests with ${skipped}.`]),
    "Also skipped, each with its reason: tests whose program is not here, such as Chromium or a container engine.",
    "",
    "",
  ].join("\n");
}

function testFiles(places: readonly string[]): string[] {
  const found = places.flatMap((place) =>
    statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
      ? globSync(`${place}/**/*.test.ts`).sort()
      : globSync(place),
  );
  return [...new Set(found)].filter((file) => file.endsWith(longSuffix) === isLong);
}

/**
 * The summary of Node's test runner must stay the last thing printed. Its command line would sort the files
 * anew.
 */
async function runTests(): Promise<boolean> {
  const end = new AbortController();
  process.once("SIGTERM", () => end.abort());
  let passed = true;
  const results = run({
    files: files.map((file) => resolve(file)),
    concurrency: filesAtOnce,
    timeout: isLong ? timeLimitMs.long : timeLimitMs.short,
    env: childEnvironment(),
    signal: end.signal,
    // A test that fails leaves behind what it started, and its file would never end.
    execArgv: ["--test-force-exit", "--import", wholeOutput],
  });
  results.on("test:fail", ({ todo }) => {
    passed &&= todo !== undefined && todo !== false;
  });
  await pipeline(results, new spec(), process.stdout, { end: false });
  return passed && !end.signal.aborted;
}
