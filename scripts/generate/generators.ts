import { contractDocuments, type GenerateFiles } from "#contract";
import { settingsPage } from "#settings";
import { generatedFiles as dashboards } from "../../dashboards/index.ts";
import { generatedFiles as provisioning } from "../../provisioning/index.ts";
import { generatedFiles as stack } from "../../stack/index.ts";
import { errorsPage } from "./errors-page.ts";
import { semanticConventionsTable } from "./semantic-conventions.ts";

/** What generates files: a line for each folder that exports `generatedFiles`. */
export const generators: readonly GenerateFiles[] = [
  contractDocuments,
  settingsPage,
  errorsPage,
  () => [semanticConventionsTable()],
  dashboards,
  provisioning,
  stack,
];
