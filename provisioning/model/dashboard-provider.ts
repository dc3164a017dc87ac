/** Grafana's provisioning file for folders of dashboards. */
export interface DashboardProviderFile {
  readonly apiVersion: 1;
  readonly providers: readonly {
    readonly name: string;
    readonly orgId: number;
    readonly folder: string;
    readonly folderUid: string;
    readonly type: "file";
    readonly disableDeletion: boolean;
    readonly updateIntervalSeconds: number;
    readonly allowUiUpdates: boolean;
    readonly options: { readonly path: string; readonly foldersFromFilesStructure: boolean };
  }[];
}
