import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { StackConfig } from "../config.ts";
import { Containers } from "../deployment/compose/run/containers.ts";
import { findEngine } from "../deployment/compose/run/engine.ts";
import { projectName } from "../deployment/compose/run/project.ts";
import type { StackState } from "../state/stack-state.ts";

export interface RemovableData {
  /** What it is, for a person to decide. */
  readonly names: readonly string[];
  /** Once nothing uses it any more. */
  readonly remove: () => Promise<void>;
}

/** What a stack stored: that of the driver that runs, or of both when nothing does. */
export async function removableData(
  config: StackConfig,
  found: StackState | "unreadable" | undefined,
): Promise<RemovableData> {
  const driver = found === undefined || found === "unreadable" ? undefined : found.driver;
  const folder = join(config.directory, "data");
  const isEmbedded = driver !== "compose" && existsSync(folder);
  const hasContainers =
    driver === "compose" || (driver === undefined && (await findEngine()) !== undefined);
  return {
    names: [
      ...(isEmbedded ? [`the traces of the embedded store, ${folder}`] : []),
      ...(hasContainers
        ? [
            `the volumes of the containers of ${projectName(config)}: traces, log lines, metrics, Grafana's database`,
          ]
        : []),
    ],
    remove: async () => {
      if (isEmbedded) {
        rmSync(folder, { recursive: true, force: true });
      }
      if (hasContainers) {
        await (await Containers.find(config)).stop({ volumes: true });
      }
    },
  };
}
