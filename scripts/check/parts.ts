/** The parts of `npm test` that come before the tests. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { houseRuleFaults } from "./house-rules.ts";
import { licenceFaults } from "./licences.ts";
import { lockfileFaults } from "./lockfile.ts";

export interface Part {
  name: string;
  brief: string;
  /** Everything that is wrong, each as text to print. */
  faults(root: string): Promise<string[]> | string[];
}

export const parts: Part[] = [
  {
    name: "lint",
    brief: "format, lint and imports (Biome; npm run format mends most)",
    faults: (root) =>
      runTool(root, "@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "--colors=off"]),
  },
  {
    name: "types",
    brief: "type check",
    faults: typeFaults,
  },
  {
    name: "unused",
    brief: "unused files, exports and dependencies (knip)",
    faults: unusedFaults,
  },
  { name: "licences", brief: "licences of the dependencies, NOTICE", faults: licenceFaults },
  { name: "lockfile", brief: "a lockfile for every platform", faults: readLockfileFaults },
  {
    name: "generated",
    brief: "generated files match the contract (npm run generate)",
    faults: generatedFaults,
  },
  { name: "house-rules", brief: "file names and forbidden content", faults: houseRuleFaults },
];

/** Runs all the given parts, whatever the first ones find, and returns those that found faults. */
export async function runParts(root: string, chosen: Part[]): Promise<Part[]> {
  const failed: Part[] = [];
  for (const part of chosen) {
    const started = performance.now();
    const faults = await part.faults(root);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const verdict = faults.length === 0 ? "ok" : "FAILED";
    process.stdout.write(
      `${verdict.padEnd(6)} ${seconds.padStart(5)} s  ${part.name}: ${part.brief}\n`,
    );
    for (const fault of faults) {
      process.stdout.write(`${fault}\n`);
    }
    if (faults.length > 0) {
      failed.push(part);
    }
  }
  return failed;
}

/** Loads the contract only here: while it cannot be loaded, the other checks say why. */
async function generatedFaults(root: string): Promise<string[]> {
  try {
    const { checkGenerated } = await import("../generate/check-generated.ts");
    return await checkGenerated(root);
  } catch (error) {
    return [String((error as Error).stack)];
  }
}

function readLockfileFaults(root: string): string[] {
  return lockfileFaults(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")));
}

/** Also files that only tests use: these belong in a folder for tests. */
async function unusedFaults(root: string): Promise<string[]> {
  const options = ["--no-progress"];
  const faults = await Promise.all([
    runTool(root, "knip/bin/knip.js", options),
    runTool(root, "knip/bin/knip.js", [...options, "--production", "--include", "files"]),
  ]);
  return faults.flat();
}

/** What runs in a browser is checked apart: there are other globals there. */
async function typeFaults(root: string): Promise<string[]> {
  const projects = [".", "stack/viewer/page"];
  const options = ["--noEmit", "--pretty", "false", "--project"];
  const faults = await Promise.all(
    projects.map((project) => runTool(root, "typescript/bin/tsc", [...options, project])),
  );
  return faults.flat();
}

/** Runs a tool by its file rather than its name, so that no PATH decides which Node runs it. */
async function runTool(root: string, file: string, options: string[]): Promise<string[]> {
  const child = spawn(process.execPath, [join(root, "node_modules", file), ...options], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    closed,
  ]);
  return code === 0 ? [] : [`${output}${errors}`.trimEnd() || `${file}: exit code ${code}`];
}
