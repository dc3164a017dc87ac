import { contractDocuments, type GenerateFiles } from "#contract";
import { settingsPage } from "#settings";
import { generatedFiles as dashboards } from "../../dashboards/index.ts";
import { generatedFiles as provisioning } from "../../provisioning/index.ts";
import { generatedFiles as stack } from "../../stack/index.ts";
import { weaverRegistry } from "../weaver/registry/index.ts";
import { errorsPage } from "./errors-page.ts";

/** What generates files: a line for each folder that exports `generatedFiles`. */
export const generators: readonly GenerateFiles[] = [
  contractDocuments,
  settingsPage,
  errorsPage,
  weaverRegistry,
  dashboards,
  provisioning,
  stack,
];
