/**
 * What a preview shows of the project. It is bundled anew, with all of contract/, dashboards/ and
 * provisioning/ in it, whenever a file there changes: so nothing of it is ever old.
 */
import configuration from "#configuration";
import type { GeneratedFile } from "#contract";
import { generatedFiles as dashboards } from "../../dashboards/index.ts";
import { generatedFiles as provisioning } from "../../provisioning/index.ts";
import { generateAll } from "../generate/compare.ts";

/** @throws DefinitionError naming every fault. */
export async function previewedFiles(): Promise<readonly GeneratedFile[]> {
  return await generateAll([dashboards, provisioning], configuration.services);
}
