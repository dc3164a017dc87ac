import { contractDocuments, type GenerateFiles } from "#contract";
import { settingsPage } from "#settings";
import { generatedFiles as dashboards } from "../../dashboards/index.ts";
import { generatedFiles as provisioning } from "../../provisioning/index.ts";
import { generatedFiles as stack, supportPage } from "../../stack/index.ts";
import { weaverRegistries } from "../weaver/registry/index.ts";
import { errorsPage } from "./errors-page.ts";
import { semanticConventionsTable } from "./semantic-conventions.ts";

/** What generates files for services: a line for each folder that exports `generatedFiles`. */
export const serviceGenerators: readonly GenerateFiles[] = [
  contractDocuments,
  weaverRegistries,
  dashboards,
  provisioning,
  stack,
];

/** Pages about this project itself, whatever the services. */
export const projectGenerators: readonly GenerateFiles[] = [
  () => [settingsPage(), errorsPage(), semanticConventionsTable(), supportPage()],
];
