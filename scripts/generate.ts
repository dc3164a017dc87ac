/** `npm run generate [-- --check]`: every file that is made from the contract. */
import { DefinitionError } from "#contract";
import {
  type CommandCall,
  type CommandResult,
  type LoadedConfiguration,
  loadConfiguration,
  runCommand,
  StackError,
  serviceOptions,
} from "../stack/index.ts";
import { applyChanges, differences, formatDifference } from "./generate/compare.ts";
import { generateFiles } from "./generate/generate-files.ts";

const options = {
  config: serviceOptions.config,
  check: {
    type: "boolean",
    does: "Write nothing; list the differences and fail if there are any.",
  },
} as const;

await runCommand({
  name: "npm run generate",
  summary:
    "Writes all files that are generated from the contracts into the generated/ folders beside the\nconfiguration, and removes obsolete ones. The files are committed.",
  options,
  examples: [["npm run generate -- --check", "compares, and writes nothing"]],
  exitCodes: [
    "The files match the contracts.",
    "With --check: some files differ. Each is listed.",
    "It could not run: a contract cannot be generated from, or an option is invalid.",
  ],
  run: generate,
});

async function generate(call: CommandCall<typeof options>): Promise<CommandResult> {
  const configuration = await loadConfiguration(call.options);
  const files = await generateOrSay(configuration);
  const { folder } = configuration;
  const changes = differences(folder, files);
  const report = { files: files.map(({ path }) => path), differences: changes };
  if (call.options.check === true) {
    call.say(...changes.flatMap((change) => formatDifference(change).split("\n")));
    call.say(
      changes.length === 0
        ? `${files.length} generated files are those of the contracts.`
        : "npm run generate writes them anew.",
    );
    return { exitCode: changes.length === 0 ? 0 : 1, report };
  }
  applyChanges(folder, files, changes);
  const words = { missing: "new", differing: "changed", stale: "removed" };
  call.say(...changes.map(({ kind, path }) => `${words[kind].padEnd(8)} ${path}`));
  call.say(`${files.length} files, ${changes.length === 0 ? "none" : changes.length} changed.`);
  return { exitCode: 0, report };
}

async function generateOrSay(configuration: LoadedConfiguration) {
  try {
    return await generateFiles(configuration);
  } catch (error) {
    if (!(error instanceof DefinitionError)) {
      throw error;
    }
    throw new StackError("generation_impossible", {
      details: error.issues,
    });
  }
}
