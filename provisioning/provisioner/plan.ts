import { type Contract, createSavedQueries, type GeneratedFile, type Service } from "#contract";
import {
  type DatasourceChoices,
  type FileDatasource,
  type GeneratedContent,
  parseContent,
  type ResolvedDatasources,
  resolveDatasources,
  type WantedRule,
  withUids,
} from "./desired/generated-content.ts";
import type { PlannedChange, ProvisionedObject } from "./differences.ts";
import { type GrafanaInstance, readGrafanaInstance } from "./grafana-instance.ts";
import { type GrafanaAccess, GrafanaClient } from "./http/grafana-client.ts";
import { alertRuleObject } from "./objects/alert-rule.ts";
import { dashboardObject } from "./objects/dashboard.ts";
import { datasourceObject, ownDatasources } from "./objects/datasource.ts";
import { chooseFolder, type FolderChoice, folderObject } from "./objects/folder.ts";
import { type HistorySupport, historySupport } from "./objects/query-history.ts";
import { savedQueryObject } from "./objects/saved-query.ts";
import { type DesiredIds, findStaleObjects } from "./objects/stale-objects.ts";
import { createOwner, type Owner } from "./owner.ts";

interface ProvisioningRequest {
  readonly service: Service;
  /** What `provisioning/` and `dashboards/` generate. */
  readonly files: readonly GeneratedFile[];
  readonly access: GrafanaAccess;
  readonly choices: DatasourceChoices;
  /** The title of the folder; that of the service where none is given. */
  readonly folder: string | undefined;
  /** Whether what was made from here and is wanted no longer is deleted. */
  readonly prune: boolean;
}

export interface ProvisioningPlan {
  readonly grafana: GrafanaInstance;
  readonly client: GrafanaClient;
  readonly steps: readonly PlannedStep[];
  /** What a person should know, a sentence each. */
  readonly notices: readonly string[];
}

/** A change with the object that it is about, which can be looked at again. */
export interface PlannedStep {
  readonly object: ProvisionedObject;
  readonly change: PlannedChange;
}

/**
 * Compares what the contract asks for with what Grafana has. Changes nothing.
 * @throws ProvisioningError.
 */
export async function planProvisioning(request: ProvisioningRequest): Promise<ProvisioningPlan> {
  const { service, files, access, choices, prune } = request;
  const { contract } = service;
  const client = new GrafanaClient(access);
  const grafana = await readGrafanaInstance(client);
  const content = parseContent(files);
  const owner = createOwner(service.id);
  const own = (await ownDatasources(client, owner)) ?? [];
  const addresses = new Map(own.map(({ uid, url }) => [uid, url]));
  const datasources = resolveDatasources(content.datasources, choices, { grafana, addresses });
  const history = await historySupport(client, owner);
  const folder = await chooseFolder(client, service, request.folder);
  const withHistory = history === "kept";
  const wanted = { contract, owner, content, datasources, folder, withHistory };
  const leftovers = await findStaleObjects(client, { owner, prune, desired: wantedIds(wanted) });
  const steps: PlannedStep[] = [];
  for (const object of [...wantedObjects(client, wanted), ...leftovers.objects]) {
    steps.push({ object, change: await object.look() });
  }
  const { absent } = datasources;
  const notices = listNotices({ url: client.url, grafana, history, absent, content });
  return { grafana, client, steps, notices: [...notices, ...leftovers.notices] };
}

interface Wanted {
  readonly contract: Contract;
  readonly owner: Owner;
  readonly content: GeneratedContent;
  readonly datasources: ResolvedDatasources;
  readonly folder: FolderChoice;
  readonly withHistory: boolean;
}

/** Everything that Grafana is to have, in the order in which one needs the other. */
function wantedObjects(client: GrafanaClient, wanted: Wanted): ProvisionedObject[] {
  const { contract, owner, content, datasources, folder, withHistory } = wanted;
  const { made, uids } = datasources;
  const place = { folderUid: folder.uid, owner };
  const queries = withHistory ? createSavedQueries(contract) : [];
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
function wantedIds(wanted: Wanted): DesiredIds {
  const { contract, content } = wanted;
  return {
    // One that was made from here under another uid may be what is asked to be used.
    datasource: new Set(
      content.datasources.map(({ uid }) => wanted.datasources.uids.get(uid) ?? uid),
    ),
    dashboard: new Set(content.dashboards.map(({ uid }) => String(uid))),
    "alert rule": new Set(askableRules(wanted).map(({ rule }) => rule.uid)),
    "saved query": new Set(createSavedQueries(contract).map(({ id }) => id)),
  };
}

interface Seen {
  readonly url: string;
  readonly grafana: GrafanaInstance;
  readonly history: HistorySupport;
  readonly absent: readonly FileDatasource[];
  readonly content: GeneratedContent;
}

/** What a person should know of this Grafana, and what it cannot do; a sentence each. */
function listNotices(seen: Seen): string[] {
  const { grafana, url } = seen;
  return [
    ...(isPlainAbroad(url)
      ? ["The token goes over http: whoever is on the way can read it. Use https."]
      : []),
    ...(grafana.version === undefined
      ? ["Grafana does not tell its version. This is made for 13."]
      : []),
    ...(grafana.hasTempoPlugin === false
      ? [
          "Grafana lacks the plugin `tempo`, which it usually brings along: `grafana cli plugins install tempo`. Without it nothing here shows data.",
        ]
      : []),
    ...absenceNotices(seen),
    ...historyNotices(seen),
  ];
}

function isPlainAbroad(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|127\..*|\[::1\])$/.test(hostname);
}

function absenceNotices({ absent, content }: Seen): string[] {
  return absent.map(({ name, type, uid }) => {
    const titles = content.dashboards
      .filter((dashboard) => JSON.stringify(dashboard).includes(`"uid":${JSON.stringify(uid)}`))
      .map(({ title }) => `"${title}"`);
    const panels = titles.length === 0 ? "" : ` Panels of ${titles.join(", ")} say so.`;
    return `There is no ${name}; --${type}-uid UID names one, --${type}-url URL makes one. Links and rules that need it are left out.${panels}`;
  });
}

function historyNotices({ grafana, history }: Seen): string[] {
  const isOpenSource = !/enterprise|cloud/i.test(grafana.edition ?? "");
  const shared = isOpenSource
    ? "Saved queries that everybody sees are a feature of Grafana Enterprise and Cloud; everybody has the dashboard Saved queries, whose links open them."
    : "Grafana's own library of saved queries has no API that is promised; everybody has the dashboard Saved queries, whose links open them.";
  switch (history) {
    case "kept":
      return [
        shared,
        "The history of queries is of one account, here the one that signed in. Grafana 13 calls it deprecated, and may show what is in the browser instead.",
      ];
    case "switched off":
      return [shared, "Grafana keeps no history of queries, so there are no starred ones."];
    case "of nobody":
      return [
        shared,
        "Starred queries are left out: a token belongs to a service account, whose history nobody sees. Put user:password into the variable to have them for that user.",
      ];
    default:
      return history satisfies never;
  }
}
