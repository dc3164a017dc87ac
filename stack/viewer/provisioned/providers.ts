import type { Refusal } from "../data/provisioned.ts";
import type { Variables } from "./interpolate.ts";
import { entriesOf, type FilesRead, isObject, readYamlFiles, textOf } from "./yaml-files.ts";

export interface DashboardProvider {
  readonly name: string;
  /** The folder under which Grafana shows the dashboards; "" for none. */
  readonly folder: string;
  /** Where the files are. */
  readonly path: string;
}

/** The dashboard providers of a provisioning folder, without those that Grafana refuses. */
export function readProviders(folder: string, variables: Variables): FilesRead<DashboardProvider> {
  const { read: files, refusals: unread } = readYamlFiles(folder, variables);
  const refusals: Refusal[] = [...unread];
  const read: DashboardProvider[] = [];
  for (const yaml of files) {
    const { entries, refusals: noEntries } = entriesOf(yaml, "providers");
    refusals.push(...noEntries);
    for (const entry of entries) {
      const options = isObject(entry.options) ? entry.options : {};
      const provider = {
        name: textOf(entry.name),
        folder: textOf(entry.folder),
        path: textOf(options.path),
      };
      const reason = faultOf(provider, textOf(entry.type) || "file", read);
      if (reason === undefined) {
        read.push(provider);
      } else {
        refusals.push({ file: yaml.file, reason });
      }
    }
  }
  return { read, refusals };
}

function faultOf(
  { name, path }: DashboardProvider,
  type: string,
  others: readonly DashboardProvider[],
): string | undefined {
  const called = `The dashboard provider "${name}"`;
  if (name === "") return "A dashboard provider has no name.";
  if (type !== "file") return `${called} has the type "${type}"; there is only "file".`;
  if (path === "") return `${called} has no options.path.`;
  if (others.some((other) => other.name === name)) return `${called} is there twice.`;
  return undefined;
}
