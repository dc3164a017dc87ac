import type { GenerateFiles } from "#contract";
import { agentFile } from "./collector/agent.ts";
import { gatewayFile } from "./collector/gateway.ts";
import { samplingPage } from "./sampling/sampling-page.ts";

/** What runs where one machine is not enough, in `stack/generated/scale/`. */
export const scaleFiles: GenerateFiles = (contract) => [
  agentFile(contract),
  gatewayFile(contract),
  samplingPage(contract),
];
