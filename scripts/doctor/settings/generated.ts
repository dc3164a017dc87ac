import { DefinitionError } from "#contract";
import { type LoadedConfiguration, StackError } from "../../../stack/index.ts";
import { differences, formatDifference } from "../../generate/compare.ts";
import { generateFiles } from "../../generate/generate-files.ts";
import { type Check, fine } from "../check.ts";
import { Finding } from "../finding.ts";

export function generatedCheck(configuration: LoadedConfiguration): Check {
  return {
    name: "Generated",
    why: "Dashboards, queries and alerts would ask for names that the contract does not have any more.",
    look: async () => {
      const files = await generated(configuration);
      const found = differences(configuration.folder, files);
      return found.length === 0
        ? fine(`${files.length} files are those of the contracts.`)
        : new Finding("generated_stale", {
            count: found.length,
            details: found.map((one) => formatDifference(one).split("\n")[0] ?? ""),
          });
    },
  };
}

async function generated(configuration: LoadedConfiguration) {
  try {
    return await generateFiles(configuration);
  } catch (error) {
    throw error instanceof DefinitionError
      ? new StackError("generation_impossible", { details: error.issues })
      : error;
  }
}
