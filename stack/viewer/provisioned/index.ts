import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Datasource, Refusal } from "../data/provisioned.ts";
import { type ProvisionedDashboard, readDashboards, readProviders } from "./dashboards.ts";
import { readDatasources } from "./datasources.ts";

/** Where the provisioning files are, and what they are read with. */
export interface ProvisioningSource {
  /** The folder with `datasources/` and `dashboards/`, as Grafana's own has them. */
  readonly folder: string;
  /** What `$DASHBOARDS_PATH` of the files stands for. */
  readonly dashboardsFolder: string;
  /** The one Tempo that is asked, without a slash at its end. */
  readonly tempoUrl: string;
  readonly hasLogFile: boolean;
  /** What the files are named from in messages. */
  readonly checkout: string;
}

export interface ReadProvisioning {
  readonly datasources: readonly Datasource[];
  readonly dashboards: readonly ProvisionedDashboard[];
  readonly refusals: readonly Refusal[];
}

/** Reads what Grafana would be provisioned with, and reads it again only when a file has changed. */
export class Provisioning {
  readonly source: ProvisioningSource;
  #read: { readonly files: string; readonly result: ReadProvisioning } | undefined;

  constructor(source: ProvisioningSource) {
    this.source = source;
  }

  /** As it is on disk now. */
  current(): ReadProvisioning {
    const { folder, dashboardsFolder } = this.source;
    const folders = [join(folder, "datasources"), join(folder, "dashboards"), dashboardsFolder];
    const files = folders.flatMap(stampsIn).join("\n");
    if (this.#read?.files !== files) {
      this.#read = { files, result: readProvisioning(this.source) };
    }
    return this.#read.result;
  }
}

/** What changes with each file of a folder, its name included. */
function stampsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .sort()
      .map((name) => {
        const file = join(folder, name);
        const { mtimeMs, size, ino } = statSync(file);
        return `${file} ${mtimeMs} ${size} ${ino}`;
      });
  } catch (error) {
    return [`${folder} ${(error as NodeJS.ErrnoException).code}`];
  }
}

/** Reads all of it from disk. */
function readProvisioning(source: ProvisioningSource): ReadProvisioning {
  const { folder, tempoUrl, checkout } = source;
  const variables = { TEMPO_URL: tempoUrl, DASHBOARDS_PATH: source.dashboardsFolder };
  const datasources = readDatasources(join(folder, "datasources"), variables, source);
  const providers = readProviders(join(folder, "dashboards"), variables);
  const dashboards = readDashboards(providers.read);
  const refusals = [...datasources.refusals, ...providers.refusals, ...dashboards.refusals];
  return {
    datasources: datasources.read,
    dashboards: dashboards.read,
    refusals: refusals.map(({ file, reason }) => ({ file: shortPath(checkout, file), reason })),
  };
}

function shortPath(checkout: string, file: string): string {
  const inside = relative(checkout, file);
  return inside.startsWith("..") ? file : inside;
}
