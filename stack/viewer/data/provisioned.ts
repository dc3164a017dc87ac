/** What the viewer's server tells its page about what was provisioned. */

export interface Datasource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
  /** Who answers its queries here; undefined where nobody does. */
  readonly answeredBy: "tempo" | "log file" | undefined;
}

export interface DashboardSummary {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly folder: string;
  readonly tags: readonly string[];
  /** The dashboard's address, from the root. */
  readonly url: string;
}

/** What a dashboard is for, without what its description says to people who would edit the file. */
export function getPurpose({ description }: DashboardSummary): string {
  return description.replace(/\s*Generated (from|by) [^.]*\.?$/, "");
}

/** What a Grafana would not take, and why. */
export interface Refusal {
  /** The file, from the checkout. */
  readonly file: string;
  readonly reason: string;
}

export interface Provisioned {
  readonly version: string;
  readonly tempoUrl: string;
  /** The server of the stack, when it runs with one. */
  readonly serverUrl: string | null;
  readonly datasources: readonly Datasource[];
  readonly dashboards: readonly DashboardSummary[];
  readonly refusals: readonly Refusal[];
}
