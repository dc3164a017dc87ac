import { type Contract, type GeneratedFile, serviceNameOf } from "#contract";
import { type GrafanaInstance, lookAtGrafana } from "./grafana-instance.ts";
import { type GrafanaAccess, GrafanaClient } from "./http/grafana-client.ts";
import { noticesOf } from "./notices.ts";
import { ownDatasources } from "./objects/datasource.ts";
import { chooseFolder } from "./objects/folder.ts";
import { findLeftovers } from "./objects/leftovers.ts";
import { historySupport } from "./objects/query-history.ts";
import { ownerOf } from "./owner.ts";
import type { PlannedChange, ProvisionedObject } from "./planned-change.ts";
import type { DatasourceChoices } from "./wanted/datasource-choice.ts";
import { contentOf } from "./wanted/generated-content.ts";
import { resolveDatasources } from "./wanted/resolved-datasources.ts";
import { wantedIds, wantedObjects } from "./wanted-objects.ts";

export interface ProvisioningRequest {
  readonly contract: Contract;
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
  const { contract, files, access, choices, prune } = request;
  const client = new GrafanaClient(access);
  const grafana = await lookAtGrafana(client);
  const content = contentOf(files);
  const owner = ownerOf(serviceNameOf(contract));
  const own = (await ownDatasources(client, owner)) ?? [];
  const addresses = new Map(own.map(({ uid, url }) => [uid, url]));
  const datasources = resolveDatasources(content.datasources, choices, { grafana, addresses });
  const history = await historySupport(client, owner);
  const folder = await chooseFolder(client, owner.service, request.folder);
  const withHistory = history === "kept";
  const wanted = { contract, owner, content, datasources, folder, withHistory };
  const leftovers = await findLeftovers(client, { owner, prune, wanted: wantedIds(wanted) });
  const steps: PlannedStep[] = [];
  for (const object of [...wantedObjects(client, wanted), ...leftovers.objects]) {
    steps.push({ object, change: await object.look() });
  }
  const { absent } = datasources;
  const notices = noticesOf({ url: client.url, grafana, history, absent, content });
  return { grafana, client, steps, notices: [...notices, ...leftovers.notices] };
}
