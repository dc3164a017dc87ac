import { Document, parse } from "yaml";
import type { GeneratedFile, Service } from "#contract";
import { rulesFolder } from "../rules-folder.ts";
import { type DatasourceChoices, parseContent, withUids } from "./desired/generated-content.ts";

/** Larger ones are refused by Kubernetes. */
const mostBytes = 1024 * 1024;

export interface ConfigMapOptions {
  readonly service: Service;
  readonly files: readonly GeneratedFile[];
  readonly choices: DatasourceChoices;
  readonly folder: string | undefined;
}

export interface ConfigMaps {
  /** YAML documents, for `kubectl apply --server-side -f -`. */
  readonly yaml: string;
  readonly names: readonly string[];
  /** The names of those that Kubernetes would refuse, for their size. */
  readonly tooLarge: readonly string[];
}

/**
 * Everything as ConfigMaps, with the labels by which the sidecars of Grafana's Helm chart find them, and
 * the annotation `grafana_folder`, which the chart's `folderAnnotation` is to name.
 */
export function configMaps({
  service: { id: service, name: title },
  files,
  choices,
  folder,
}: ConfigMapOptions): ConfigMaps {
  const uids = chosenUids(files, choices);
  const maps = [
    ...filesBelow(files, "/grafana/datasources/").map(({ name, content }) =>
      configMap(service, {
        name,
        label: "grafana_datasource",
        content: datasourcesFile(content, choices, uids),
      }),
    ),
    ...dashboardFiles(files).map(({ name, content }) =>
      configMap(service, {
        name,
        label: "grafana_dashboard",
        content: `${JSON.stringify(withUids(JSON.parse(content), uids), null, 2)}\n`,
        folder: folder ?? title,
      }),
    ),
    ...filesBelow(files, "/grafana/alerting/").map(({ content }) =>
      configMap(service, {
        name: "alert-rules.yaml",
        label: "grafana_alert",
        content: alertingFile(content, rulesFolder(folder ?? title), uids),
      }),
    ),
  ];
  return {
    yaml: maps.map(({ yaml }) => yaml).join("---\n"),
    names: maps.map(({ name }) => name),
    tooLarge: maps.filter(({ bytes }) => bytes > mostBytes).map(({ name }) => name),
  };
}

interface NamedFile {
  readonly name: string;
  readonly content: string;
}

function filesBelow(files: readonly GeneratedFile[], folder: string): NamedFile[] {
  return files
    .filter(({ path }) => path.includes(folder))
    .map(({ path, content }) => ({ name: path.split("/").at(-1) ?? "", content }));
}

function dashboardFiles(files: readonly GeneratedFile[]): NamedFile[] {
  return filesBelow(files, "dashboards/generated/").filter(({ name }) => name.endsWith(".json"));
}

interface MapDescription extends NamedFile {
  readonly label: string;
  readonly folder?: string;
}

function configMap(service: string, { name, label, content, folder }: MapDescription) {
  const mapName = `${service}-${name.replace(/\.\w+$/, "")}`;
  const document = new Document({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: mapName,
      labels: { [label]: "1", "app.kubernetes.io/managed-by": service },
      ...(folder === undefined ? {} : { annotations: { grafana_folder: folder } }),
    },
    // The names of the files of all ConfigMaps are in one folder.
    data: { [`${service}-${name}`]: content },
  });
  return {
    name: mapName,
    yaml: document.toString({ lineWidth: 0 }),
    bytes: Buffer.byteLength(content),
  };
}

function chosenUids(files: readonly GeneratedFile[], choices: DatasourceChoices) {
  return new Map(
    parseContent(files).datasources.flatMap(({ type, uid }): [string, string][] => {
      const choice = choices[type];
      return choice !== undefined && "uid" in choice ? [[uid, choice.uid]] : [];
    }),
  );
}

/** Comments are of the generator; what Kubernetes gets is data. */
function alertingFile(content: string, folder: string, uids: ReadonlyMap<string, string>): string {
  const file: { groups: object[] } = withUids(parse(content), uids);
  const groups = file.groups.map((group) => ({ ...group, folder }));
  return new Document({ ...file, groups }).toString({ lineWidth: 0 });
}

interface DatasourcesFile {
  readonly prune?: boolean;
  readonly datasources: readonly { readonly type: string; readonly url: string }[];
}

/**
 * The datasources that Grafana is to make: without those that it has, and with the addresses that were
 * given. The default of a Grafana that is there stays it, and nothing of it is removed.
 */
function datasourcesFile(
  content: string,
  choices: DatasourceChoices,
  uids: ReadonlyMap<string, string>,
): string {
  const { prune: _, ...file }: DatasourcesFile = parse(content);
  const datasources = file.datasources.flatMap((datasource) => {
    const choice = choices[datasource.type];
    if (choice !== undefined && "uid" in choice) {
      return [];
    }
    return [{ ...datasource, url: choice?.url ?? datasource.url, isDefault: false }];
  });
  return new Document(withUids({ ...file, datasources }, uids)).toString({ lineWidth: 0 });
}
