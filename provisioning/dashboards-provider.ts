import { type Contract, type GeneratedFile, getServiceName } from "#contract";
import type { DashboardProviderFile } from "./model/datasource.ts";
import { yamlFile } from "./yaml-file.ts";

/** Where Grafana finds the dashboards: generated files, so nobody's edits are lost in its database. */
export function dashboardsProvider(contract: Contract): GeneratedFile {
  const service = getServiceName(contract);
  const content: DashboardProviderFile = {
    apiVersion: 1,
    providers: [
      {
        name: service,
        orgId: 1,
        folder: service,
        folderUid: service,
        type: "file",
        disableDeletion: true,
        updateIntervalSeconds: 10,
        allowUiUpdates: false,
        options: { path: "$DASHBOARDS_PATH", foldersFromFilesStructure: false },
      },
    ],
  };
  return yamlFile({
    name: "grafana/dashboards/dashboards.yaml",
    source: "contract/ and provisioning/dashboards-provider.ts",
    brief: [
      "The dashboards' folder for Grafana 13. Its environment says where their files are:",
      "  DASHBOARDS_PATH  dashboards/generated of the checkout, as Grafana sees it",
    ],
    content,
  });
}
