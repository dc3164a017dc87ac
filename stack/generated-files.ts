import type { GenerateFiles } from "#contract";
import { pipelineFiles } from "./deployment/pipeline/index.ts";
import { scaleFiles } from "./deployment/scale/index.ts";
import { supportPage } from "./trace-store/traceql/conformance/support-page.ts";

/** What the stack generates: the pipeline's configuration, and what of TraceQL is answered. */
export const generatedFiles: GenerateFiles = (contract) => [
  ...pipelineFiles(contract),
  ...scaleFiles(contract),
  supportPage(),
];
