import type { GeneratedFile, Services } from "#contract";
import { collectorFile } from "./collector/collector.ts";
import { tempoFiles } from "./tempo/tempo.ts";

/** The configuration of the Collector and of Tempo, in `stack/generated/`. */
export const pipelineFiles = (services: Services): GeneratedFile[] => {
  const contracts = services.map(({ contract }) => contract);
  return [collectorFile(contracts), ...tempoFiles(contracts)];
};
