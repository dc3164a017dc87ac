import { exploreLink, type SavedQuery } from "#contract";
import { withUids } from "../desired/generated-content.ts";
import {
  type Difference,
  differences,
  type PlannedChange,
  type ProvisionedObject,
} from "../differences.ts";
import type { GrafanaClient } from "../http/grafana-client.ts";
import type { Owner } from "../owner.ts";
import {
  findHistory,
  type HistoryEntry,
  historyPath,
  readCreatedUid,
  readEntryId,
} from "./query-history.ts";

export interface SavedQueryOptions {
  readonly query: SavedQuery;
  readonly uids: ReadonlyMap<string, string>;
  readonly owner: Owner;
}

/** A saved query as a starred entry, with a comment, in the history of the account's queries. */
export function savedQueryObject(
  client: GrafanaClient,
  { query, uids, owner }: SavedQueryOptions,
): ProvisionedObject {
  const key = `${owner.queryPrefix}${query.id}`;
  const wanted = {
    queries: exploreQueries(query, uids).map((item) => ({ ...item, key })),
    comment: `${key}: ${query.title}. ${query.question}`,
    starred: true,
  };
  const datasourceUid = uids.get("tempo") ?? "tempo";
  const described = { kind: "saved query", id: query.id, title: query.title } as const;
  return {
    look: async (): Promise<PlannedChange> => {
      const entries = (await findHistory(client, owner)) ?? [];
      const finished = entries.filter((entry) => readEntryId(entry, owner) === query.id);
      const isSame = (entry: HistoryEntry) =>
        differences(entry.queries, wanted.queries).length === 0;
      // An entry without a comment is what an earlier run left when it was cut off.
      const usable =
        finished.find(isSame) ??
        entries.find((entry) => entry.comment === "" && !entry.starred && isSame(entry));
      const superfluous = finished.filter((entry) => entry !== usable);
      const apply = async () => {
        const uid =
          usable?.uid ??
          readCreatedUid(
            await client.send("POST", historyPath, { datasourceUid, queries: wanted.queries }),
          );
        await finish(client, uid, usable, wanted.comment);
        for (const old of superfluous) {
          await client.send("DELETE", `${historyPath}/${old.uid}`);
        }
      };
      if (finished.length === 0) {
        return { ...described, action: "create", differences: [], apply };
      }
      const found = [
        ...differences(usable ?? finished[0], wanted),
        ...doubles(usable, superfluous),
      ];
      return found.length === 0
        ? { ...described, action: "keep" }
        : { ...described, action: "update", differences: found, apply };
    },
  };
}

async function finish(
  client: GrafanaClient,
  uid: string,
  present: HistoryEntry | undefined,
  comment: string,
): Promise<void> {
  if (present?.comment !== comment) {
    await client.send("PATCH", `${historyPath}/${uid}`, { comment });
  }
  if (present?.starred !== true) {
    await client.send("POST", `${historyPath}/star/${uid}`);
  }
}

function doubles(
  usable: HistoryEntry | undefined,
  superfluous: readonly HistoryEntry[],
): Difference[] {
  return usable === undefined || superfluous.length === 0
    ? []
    : [{ path: "entries", present: superfluous.length + 1, wanted: 1 }];
}

/** The very query that the link to Explore opens. */
function exploreQueries(
  { table }: SavedQuery,
  uids: ReadonlyMap<string, string>,
): Record<string, unknown>[] {
  const link = new URL(withUids(exploreLink(table), uids), "http://localhost");
  const panes: Record<string, { queries: Record<string, unknown>[] }> = JSON.parse(
    link.searchParams.get("panes") ?? "{}",
  );
  return Object.values(panes).flatMap(({ queries }) => queries);
}
