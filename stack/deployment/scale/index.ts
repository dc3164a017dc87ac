import type { GeneratedFile, Services } from "#contract";
import { agentFile } from "./collector/agent.ts";
import { gatewayFile } from "./collector/gateway.ts";
import { samplingPage } from "./sampling/sampling-page.ts";
import { distributedTempoFile } from "./tempo/distributed.ts";
import { helmValuesFile } from "./tempo/helm-values.ts";

/** What runs where one machine is not enough, in `stack/generated/scale/`. */
export const scaleFiles = (services: Services): GeneratedFile[] => {
  const contracts = services.map(({ contract }) => contract);
  return [
    agentFile(contracts),
    gatewayFile(services),
    distributedTempoFile(contracts),
    helmValuesFile(contracts),
    ...services.map(samplingPage),
  ];
};
