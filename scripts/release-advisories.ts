/** `npm run release:advisories`: whether an advisory is known about a package that ships. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type CommandCall, type CommandResult, checkout, runCommand } from "../stack/index.ts";
import { judgeAdvisories } from "./release/advisories.ts";

const exceptionsFile = new URL("release/advisory-exceptions.json", import.meta.url);

const options = {
  required: {
    type: "boolean",
    does: "Fail where the registry cannot be asked, too.",
  },
} as const;

await runCommand({
  name: "npm run release:advisories",
  summary:
    "Asks the registry with npm audit for advisories about the packages that ship. Each must have an exception, with\n" +
    "a reason and a last day, in scripts/release/advisory-exceptions.json.",
  options,
  examples: [["npm run release:advisories -- --required", "fails without an answer, too"]],
  exitCodes: [
    "No advisory without an exception; or the registry cannot be asked, which is said.",
    "An advisory, an exception that is late or not needed, or --required and no answer.",
    "It could not run: an option is invalid.",
  ],
  run: checkAdvisories,
});

async function checkAdvisories(call: CommandCall<typeof options>): Promise<CommandResult> {
  const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json", "--loglevel=silent"], {
    cwd: checkout,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    // Of npm's one word is enough: which code it ends with depends on what it found.
    stdio: ["ignore", "pipe", "ignore"],
  });
  const answer = parse(stdout);
  if (answer?.vulnerabilities === undefined) {
    const reason = typeof answer?.message === "string" ? answer.message : "npm gave no answer";
    call.say(`NOT CHECKED for advisories: ${reason}.`);
    return {
      exitCode: call.options.required === true ? 1 : 0,
      report: { isChecked: false, faults: [] },
    };
  }
  const exceptions = JSON.parse(readFileSync(exceptionsFile, "utf8"));
  const today = new Date().toISOString().slice(0, 10);
  const faults = judgeAdvisories({ vulnerabilities: answer.vulnerabilities }, exceptions, today);
  call.say(...(faults.length === 0 ? ["No advisory about what ships."] : faults));
  return { exitCode: faults.length === 0 ? 0 : 1, report: { isChecked: true, faults } };
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
