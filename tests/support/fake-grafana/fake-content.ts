export type Json = Readonly<Record<string, unknown>>;

export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: Json;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface StoredDashboard {
  readonly dashboard: Json & { readonly version: number };
  readonly folderUid: string;
  readonly provisioned: boolean;
  /** The newest first. */
  readonly messages: readonly string[];
}

/** What the double has, by uid. A test may look, and put things there. */
export interface GrafanaContent {
  readonly version: string;
  readonly edition: string;
  readonly plugins: Set<string>;
  /** Requests that the account may not make, by what they begin with. */
  readonly denied: readonly string[];
  /** Grafana 13 does not tell an Editor that a folder is missing. */
  readonly isAdmin: boolean;
  readonly hasHistory: boolean;
  readonly folders: Map<string, { readonly uid: string; readonly title: string }>;
  readonly datasources: Map<string, Json>;
  readonly dashboards: Map<string, StoredDashboard>;
  readonly rules: Map<string, Json>;
  readonly history: Map<string, Json>;
  /** The models of library panels. */
  readonly libraryPanels: Map<string, Json>;
}
