import type { GenerateFiles } from "#contract";
import { agentFile } from "./collector/agent.ts";
import { gatewayFile } from "./collector/gateway.ts";
import { samplingPage } from "./sampling/sampling-page.ts";
import { distributedTempoFile } from "./tempo/distributed.ts";
import { helmValuesFile } from "./tempo/helm-values.ts";

/** What runs where one machine is not enough, in `stack/generated/scale/`. */
export const scaleFiles: GenerateFiles = (contract) => [
  agentFile(contract),
  gatewayFile(contract),
  distributedTempoFile(contract),
  helmValuesFile(contract),
  samplingPage(contract),
];
