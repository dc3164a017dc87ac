import { dirname, resolve } from "node:path";
import { serverSettings } from "#settings";
import { readConfiguration } from "../../../server/index.ts";
import { checkout } from "../../../stack/index.ts";
import type { CheckGroup } from "../check.ts";
import { isHad, type Subject } from "../subject.ts";
import { dependenciesCheck } from "./dependencies.ts";
import { diskCheck, foldersCheck } from "./folders.ts";
import { localhostCheck } from "./localhost.ts";
import { memoryCheck } from "./memory.ts";

/** The machine, whatever runs on it. */
export function machineGroup({ config, health, hasServer }: Subject): CheckGroup {
  const folders = isHad(config)
    ? [
        config.directory,
        modelsDirectory(),
        ...(config.logFile === null ? [] : [dirname(config.logFile)]),
      ]
    : [checkout];
  return {
    title: "This machine",
    checks: [
      dependenciesCheck,
      // What runs has its memory already.
      ...(health?.state == null ? [memoryCheck(hasServer)] : []),
      diskCheck(folders),
      ...(isHad(config) ? [foldersCheck(config, folders)] : []),
      localhostCheck,
    ],
  };
}

function modelsDirectory(): string {
  const read = readConfiguration();
  const folder =
    "configuration" in read
      ? read.configuration.MINISERVE_MODELS_DIRECTORY
      : serverSettings.MINISERVE_MODELS_DIRECTORY.default;
  return resolve(checkout, folder);
}
