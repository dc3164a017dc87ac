import type { GenerateFiles } from "#contract";
import { composeFiles } from "./compose/files.ts";
import { supportPage } from "./embedded/traceql/conformance/support-page.ts";
import { pipelineFiles } from "./pipeline/index.ts";
import { scaleFiles } from "./scale/index.ts";

/** What the stack generates: the pipeline's configuration, and what of TraceQL is answered. */
export const generatedFiles: GenerateFiles = (contract) => [
  ...pipelineFiles(contract),
  ...scaleFiles(contract),
  ...composeFiles(contract),
  supportPage(),
];
