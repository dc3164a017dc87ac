import type { GeneratedFile, Service } from "#contract";
import type { DashboardProviderFile } from "./model/datasource.ts";
import { yamlFile } from "./yaml-file.ts";

/** Where Grafana finds the dashboards: generated files, so nobody's edits are lost in its database. */
export function dashboardsProvider(services: readonly Service[]): GeneratedFile {
  const content: DashboardProviderFile = {
    apiVersion: 1,
    providers: services.map(({ name, id }) => ({
      name: id,
      orgId: 1,
      folder: name,
      folderUid: id,
      type: "file",
      disableDeletion: true,
      updateIntervalSeconds: 10,
      allowUiUpdates: false,
      options: { path: `$DASHBOARDS_PATH/${id}`, foldersFromFilesStructure: false },
    })),
  };
  return yamlFile({
    name: "grafana/dashboards/dashboards.yaml",
    source: "the services and provisioning/dashboards-provider.ts",
    brief: [
      "The dashboards' folders for Grafana 13. Its environment says where their files are:",
      "  DASHBOARDS_PATH  dashboards/generated of the checkout, as Grafana sees it",
    ],
    content,
  });
}
