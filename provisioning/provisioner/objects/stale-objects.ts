import { z } from "zod";
import type { ObjectKind, PlannedChange, ProvisionedObject } from "../differences.ts";
import { type GrafanaClient, readAnswer } from "../http/grafana-client.ts";
import type { Owner } from "../owner.ts";
import { isOwnRule, listAlertRules, rulesPath } from "./alert-rule.ts";
import { isSavedFromHere } from "./dashboard.ts";
import { ownDatasources } from "./datasource.ts";
import { findHistory, historyPath, readEntryId } from "./query-history.ts";

/** The ids that are wanted, of each kind. */
export type DesiredIds = Readonly<Record<Exclude<ObjectKind, "folder">, ReadonlySet<string>>>;

interface StaleObject {
  readonly kind: keyof DesiredIds;
  readonly id: string;
  readonly title: string;
  /** What deletes it, and says whether it is there. */
  readonly path: string;
  /** For what cannot be asked for by its path. */
  readonly isInHistory?: () => Promise<boolean>;
  /** For what a person may have copied, with our mark: whether it was saved from here. */
  readonly isSavedFromHere?: () => Promise<boolean>;
}

export interface StaleObjectOptions {
  readonly owner: Owner;
  readonly desired: DesiredIds;
  /** Whether they are deleted, or only listed. */
  readonly prune: boolean;
}

/**
 * What was made from here once and is wanted no longer. The folder stays: others may use it. Rules and
 * dashboards go before the datasources that they ask.
 */
export async function findStaleObjects(
  client: GrafanaClient,
  { owner, desired: wanted, prune }: StaleObjectOptions,
): Promise<{ readonly objects: ProvisionedObject[]; readonly notices: string[] }> {
  const datasources = await ownDatasources(client, owner);
  const found = [
    ...(client.isPerson ? await savedQueries(client, owner) : []),
    ...(await alertRules(client, owner)),
    ...(await dashboards(client, owner)),
    ...(datasources ?? []).map(staleDatasource),
  ];
  return {
    objects: found
      .filter(({ kind, id }) => !wanted[kind].has(id))
      .map((leftover) => ({ look: () => planChange(client, leftover, prune) })),
    notices:
      datasources === undefined
        ? ["The account may not list datasources, so none that is left over would be seen."]
        : [],
  };
}

const copied =
  "It has our mark, but was not saved last from here: somebody's copy, perhaps. It is never deleted.";

async function planChange(
  client: GrafanaClient,
  { path, isInHistory, isSavedFromHere, ...described }: StaleObject,
  prune: boolean,
): Promise<PlannedChange> {
  // It may have gone since, by the very request whose answer was lost.
  const isThere = await (isInHistory?.() ?? client.find(path).then((found) => found !== undefined));
  if (isThere && (await isSavedFromHere?.()) === false) {
    return { ...described, action: "leave", reason: copied };
  }
  if (!prune) {
    return { ...described, action: "leave", reason: "It is wanted no longer; --prune deletes it." };
  }
  const apply = async () => {
    await client.send("DELETE", path);
  };
  return isThere
    ? { ...described, action: "delete", differences: [], apply }
    : { ...described, action: "keep" };
}

function staleDatasource({ uid, name }: { uid: string; name: string }): StaleObject {
  return { kind: "datasource", id: uid, title: name, path: `/api/datasources/uid/${uid}` };
}

const searchHits = z.array(z.object({ uid: z.string(), title: z.string() }));

async function dashboards(client: GrafanaClient, owner: Owner): Promise<StaleObject[]> {
  const tag = encodeURIComponent(owner.tag);
  const answer = await client.get(`/api/search?type=dash-db&limit=5000&tag=${tag}`);
  return readAnswer(searchHits, answer, "/api/search").map(({ uid, title }) => ({
    kind: "dashboard",
    id: uid,
    title,
    path: `/api/dashboards/uid/${uid}`,
    isSavedFromHere: () => isSavedFromHere(client, uid),
  }));
}

async function alertRules(client: GrafanaClient, owner: Owner): Promise<StaleObject[]> {
  return (await listAlertRules(client))
    .filter((present) => present.provenance !== "file" && isOwnRule(present, owner))
    .map(({ uid, title, provenance }) => ({
      kind: "alert rule",
      id: uid,
      title,
      path: `${rulesPath}/${uid}`,
      // A copy that was made in the pages has none.
      isSavedFromHere: async () => provenance === "api",
    }));
}

async function savedQueries(client: GrafanaClient, owner: Owner): Promise<StaleObject[]> {
  return ((await findHistory(client, owner)) ?? []).flatMap((entry) => {
    const id = readEntryId(entry, owner);
    return id === undefined
      ? []
      : [
          {
            kind: "saved query" as const,
            id,
            title: entry.comment.slice(owner.queryPrefix.length),
            path: `${historyPath}/${entry.uid}`,
            isInHistory: async () =>
              (await findHistory(client, owner))?.some(({ uid }) => uid === entry.uid) ?? false,
          },
        ];
  });
}
