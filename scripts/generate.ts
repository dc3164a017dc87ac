/** `npm run generate [-- --check]`: every file that is made from the contract. */
import { DefinitionError } from "#contract";
import { miniserve } from "#miniserve";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  runCommand,
  StackError,
} from "../stack/index.ts";
import { applyChanges, differences, formatDifference, generateAll } from "./generate/compare.ts";
import { generators } from "./generate/generators.ts";

const options = {
  check: {
    type: "boolean",
    does: "Write nothing; list the differences and fail if there are any.",
  },
} as const;

await runCommand({
  name: "npm run generate",
  summary:
    "Writes all files that are generated from the contract into the generated/ folders, and removes\nobsolete ones. The files are committed.",
  options,
  exitCodes: [
    "The files match the contract.",
    "With --check: some files differ. Each is listed.",
    "It could not run: the contract cannot be generated from, or an option is invalid.",
  ],
  run: generate,
});

async function generate(call: CommandCall<typeof options>): Promise<CommandResult> {
  const files = generateContractFiles();
  const changes = differences(checkout, files);
  const report = { files: files.map(({ path }) => path), differences: changes };
  if (call.options.check === true) {
    call.say(...changes.flatMap((change) => formatDifference(change).split("\n")));
    call.say(
      changes.length === 0
        ? `${files.length} generated files are those of the contract.`
        : "npm run generate writes them anew.",
    );
    return { exitCode: changes.length === 0 ? 0 : 1, report };
  }
  applyChanges(checkout, files, changes);
  const words = { missing: "new", differing: "changed", stale: "removed" };
  call.say(...changes.map(({ kind, path }) => `${words[kind].padEnd(8)} ${path}`));
  call.say(`${files.length} files, ${changes.length === 0 ? "none" : changes.length} changed.`);
  return { exitCode: 0, report };
}

function generateContractFiles() {
  try {
    return generateAll(generators, miniserve);
  } catch (error) {
    if (!(error instanceof DefinitionError)) {
      throw error;
    }
    throw new StackError("generation_impossible", {
      details: error.issues,
    });
  }
}
