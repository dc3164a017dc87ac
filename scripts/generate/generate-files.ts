import { join } from "node:path";
import type { GeneratedFile } from "#contract";
import { checkout, type LoadedConfiguration } from "../../stack/index.ts";
import { generateAll } from "./compare.ts";
import { projectGenerators, serviceGenerators } from "./generators.ts";

/**
 * All files of a configuration; with the pages about the project itself where it is this checkout's own.
 * @throws DefinitionError naming every fault.
 */
export async function generateFiles({
  folder,
  services,
}: LoadedConfiguration): Promise<readonly GeneratedFile[]> {
  const isOwn = join(folder) === join(checkout);
  return await generateAll([...serviceGenerators, ...(isOwn ? projectGenerators : [])], services);
}
