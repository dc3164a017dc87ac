import { type Contract, savedQueriesOf } from "#contract";
import type { GrafanaClient } from "./http/grafana-client.ts";
import { alertRuleObject } from "./objects/alert-rule.ts";
import { dashboardObject } from "./objects/dashboard.ts";
import { datasourceObject } from "./objects/datasource.ts";
import { type FolderChoice, folderObject } from "./objects/folder.ts";
import type { WantedIds } from "./objects/leftovers.ts";
import { savedQueryObject } from "./objects/saved-query.ts";
import type { Owner } from "./owner.ts";
import type { ProvisionedObject } from "./planned-change.ts";
import { withUids } from "./wanted/datasource-choice.ts";
import type { GeneratedContent, WantedRule } from "./wanted/generated-content.ts";
import type { ResolvedDatasources } from "./wanted/resolved-datasources.ts";

export interface Wanted {
  readonly contract: Contract;
  readonly owner: Owner;
  readonly content: GeneratedContent;
  readonly datasources: ResolvedDatasources;
  readonly folder: FolderChoice;
  readonly withHistory: boolean;
}

/** Everything that Grafana is to have, in the order in which one needs the other. */
export function wantedObjects(client: GrafanaClient, wanted: Wanted): ProvisionedObject[] {
  const { contract, owner, content, datasources, folder, withHistory } = wanted;
  const { made, uids } = datasources;
  const place = { folderUid: folder.uid, owner };
  const queries = withHistory ? savedQueriesOf(contract) : [];
  return [
    folderObject(client, folder),
    ...made.map(({ file, url }) => datasourceObject(client, { file, url, owner })),
    ...content.dashboards.map((dashboard) =>
      dashboardObject(client, { content: withUids(dashboard, uids), ...place }),
    ),
    ...askableRules(wanted).map((rule) =>
      alertRuleObject(client, { wanted: withUids(rule, uids), ...place }),
    ),
    ...queries.map((query) => savedQueryObject(client, { query, uids, owner })),
  ];
}

/** A rule that asks a datasource which is not there would only ever fail. */
function askableRules({ content, datasources }: Wanted): WantedRule[] {
  const absent = new Set(datasources.absent.map(({ uid }) => uid));
  return content.rules.filter(
    ({ rule }) => !rule.data.some(({ datasourceUid }) => absent.has(datasourceUid)),
  );
}

/** The ids of all that, and of what is neither made nor removed. */
export function wantedIds(wanted: Wanted): WantedIds {
  const { contract, content } = wanted;
  return {
    // One that was made from here under another uid may be what is asked to be used.
    datasource: new Set(
      content.datasources.map(({ uid }) => wanted.datasources.uids.get(uid) ?? uid),
    ),
    dashboard: new Set(content.dashboards.map(({ uid }) => String(uid))),
    "alert rule": new Set(askableRules(wanted).map(({ rule }) => rule.uid)),
    "saved query": new Set(savedQueriesOf(contract).map(({ id }) => id)),
  };
}
