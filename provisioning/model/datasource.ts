/**
 * Grafana's provisioning files for datasources, as far as this project writes them: the Foundation SDK
 * has no types for them. In every string of such a file `$` begins a variable, and `$$` is a dollar.
 */
export interface DatasourceFile {
  readonly apiVersion: 1;
  /** Removes datasources that an earlier file made and this one does not name. */
  readonly prune: boolean;
  readonly datasources: readonly (TempoDatasource | LokiDatasource | PrometheusDatasource)[];
}

interface Datasource {
  readonly name: string;
  readonly uid: string;
  readonly access: "proxy";
  readonly url: string;
  readonly isDefault: boolean;
  readonly editable: boolean;
}

export interface TempoDatasource extends Datasource {
  readonly type: "tempo";
  readonly jsonData: {
    readonly tracesToLogsV2: {
      readonly datasourceUid: string;
      readonly tags: readonly TagMapping[];
      /** Before the start and behind the end of the span, such as `-1m`. */
      readonly spanStartTimeShift: string;
      readonly spanEndTimeShift: string;
      readonly filterByTraceID: boolean;
      readonly filterBySpanID: boolean;
      readonly customQuery: boolean;
      readonly query: string;
    };
    readonly tracesToMetrics: {
      readonly datasourceUid: string;
      readonly tags: readonly TagMapping[];
      readonly spanStartTimeShift: string;
      readonly spanEndTimeShift: string;
      readonly queries: readonly { readonly name: string; readonly query: string }[];
    };
    readonly serviceMap: { readonly datasourceUid: string };
    readonly nodeGraph: { readonly enabled: boolean };
    readonly search: { readonly hide: boolean; readonly filters: readonly SearchFilter[] };
    /** Whether a trace is looked for around the time of the link to it. */
    readonly traceQuery: {
      readonly timeShiftEnabled: boolean;
      readonly spanStartTimeShift: string;
      readonly spanEndTimeShift: string;
    };
    readonly spanBar:
      | { readonly type: "None" | "Duration" }
      | { readonly type: "Tag"; readonly tag: string };
    readonly streamingEnabled: { readonly search: boolean; readonly metrics: boolean };
    readonly tagLimit: number;
  };
}

/** A span's attribute, and the label that has it in the other store. */
interface TagMapping {
  readonly key: string;
  readonly value: string;
}

export interface SearchFilter {
  readonly id: string;
  readonly tag: string;
  readonly operator: "=";
  readonly scope: "span" | "resource" | "intrinsic";
  readonly value?: readonly string[];
  readonly valueType?: "string" | "keyword";
}

export interface LokiDatasource extends Datasource {
  readonly type: "loki";
  readonly jsonData: {
    readonly derivedFields: readonly {
      readonly name: string;
      readonly matcherType: "label" | "regex";
      readonly matcherRegex: string;
      readonly datasourceUid: string;
      readonly url: string;
      readonly urlDisplayLabel: string;
    }[];
  };
}

export interface PrometheusDatasource extends Datasource {
  readonly type: "prometheus";
  readonly jsonData: {
    readonly httpMethod: "POST";
    readonly exemplarTraceIdDestinations: readonly {
      readonly name: string;
      readonly datasourceUid: string;
    }[];
  };
}

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
