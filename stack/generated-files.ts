import type { GeneratedFile, Services } from "#contract";
import { pipelineFiles } from "./deployment/pipeline/index.ts";
import { scaleFiles } from "./deployment/scale/index.ts";

export { supportPage } from "./trace-store/traceql/conformance/support-page.ts";

/** What the stack generates: the pipeline's configuration. */
export const generatedFiles = (services: Services): GeneratedFile[] => [
  ...pipelineFiles(services),
  ...scaleFiles(services),
];
