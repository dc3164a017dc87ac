import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { DefinitionError } from "#contract";
import { loadConfiguration, StackError } from "../../stack/index.ts";
import { differences, formatDifference } from "./compare.ts";
import { generateFiles } from "./generate-files.ts";

/**
 * A sentence for each generated file that is not that of its contracts, or why none can be generated: of
 * the checkout's own configuration and of each example's.
 */
export async function checkGenerated(root: string): Promise<string[]> {
  const files = [
    "miniserve.config.ts",
    ...globSync("examples/*/miniserve.config.ts", { cwd: root }),
  ];
  const sentences: string[] = [];
  for (const file of files) {
    sentences.push(...(await checkConfiguration(root, file)));
  }
  return sentences;
}

async function checkConfiguration(root: string, file: string): Promise<string[]> {
  try {
    const configuration = await loadConfiguration({ config: join(root, file) });
    const found = differences(configuration.folder, await generateFiles(configuration));
    const place = dirname(file);
    return found.map((difference) =>
      formatDifference({ ...difference, path: join(place, difference.path) }),
    );
  } catch (error) {
    if (error instanceof DefinitionError) {
      return error.issues.map((issue) => `${file}: ${issue}`);
    }
    if (error instanceof StackError) {
      return [error.message, ...error.details].map((sentence) => `${file}: ${sentence}`);
    }
    throw error;
  }
}
