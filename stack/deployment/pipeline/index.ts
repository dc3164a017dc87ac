import type { GenerateFiles } from "#contract";
import { collectorFile } from "./collector/collector.ts";
import { tempoFiles } from "./tempo/tempo.ts";

/** The configuration of the Collector and of Tempo, in `stack/generated/`. */
export const pipelineFiles: GenerateFiles = (contract) => [
  collectorFile(contract),
  ...tempoFiles(contract),
];
