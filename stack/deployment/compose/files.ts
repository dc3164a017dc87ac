import type { GenerateFiles } from "#contract";
import { composeFile } from "./file/compose-file.ts";
import { lokiFile } from "./file/loki.ts";
import { prometheusFile } from "./file/prometheus.ts";

/** The stack in containers, in `stack/generated/compose/`. */
export const composeFiles: GenerateFiles = (contract) => [
  composeFile(contract),
  lokiFile(),
  prometheusFile(),
];
