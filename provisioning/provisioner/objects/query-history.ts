import { z } from "zod";
import { type GrafanaClient, readAnswer } from "../http/grafana-client.ts";
import type { Owner } from "../owner.ts";

export const historyPath = "/api/query-history";

const entry = z.object({
  uid: z.string(),
  starred: z.boolean(),
  comment: z.string().default(""),
  queries: z.array(z.looseObject({ key: z.string().optional() })).nullish(),
});

export type HistoryEntry = z.infer<typeof entry>;

const found = z.object({
  result: z.object({ totalCount: z.number(), queryHistory: z.array(entry).nullish() }),
});

const made = z.object({ result: z.object({ uid: z.string() }) });

/** The uid of an entry that was just made. */
export function readCreatedUid(answer: unknown): string {
  return readAnswer(made, answer, historyPath).result.uid;
}

const entriesPerPage = 100;
const mostPages = 20;

/**
 * The entries of the account's history of queries that name us, the newest first; undefined where
 * Grafana keeps no such history.
 */
export async function findHistory(
  client: GrafanaClient,
  owner: Owner,
): Promise<HistoryEntry[] | undefined> {
  const entries: HistoryEntry[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const parameters = new URLSearchParams({
      searchString: owner.queryPrefix,
      // Without a range only what is new is found.
      from: "0",
      to: String(Date.now() + 3_600_000),
      limit: String(entriesPerPage),
      page: String(page),
    });
    const answer = await client.find(`${historyPath}?${parameters}`);
    if (answer === undefined) {
      return undefined;
    }
    const { queryHistory, totalCount } = readAnswer(found, answer, historyPath).result;
    entries.push(...(queryHistory ?? []));
    if (page * entriesPerPage >= totalCount) {
      break;
    }
  }
  return entries;
}

/** Whether an account has a history, and somebody to see it. */
export type HistorySupport = "kept" | "switched off" | "of nobody";

export async function historySupport(client: GrafanaClient, owner: Owner): Promise<HistorySupport> {
  // A token belongs to a service account, which nobody signs in with.
  if (!client.isPerson) {
    return "of nobody";
  }
  return (await findHistory(client, owner)) === undefined ? "switched off" : "kept";
}

/**
 * The id of the saved query that an entry is, if it was finished from here: it has our comment. The key in
 * the query alone does not tell, since who runs a query from the history may get an entry with the same.
 */
export function readEntryId({ comment }: HistoryEntry, owner: Owner): string | undefined {
  const [, id] = comment.startsWith(owner.queryPrefix)
    ? (/^([\w-]+): /.exec(comment.slice(owner.queryPrefix.length)) ?? [])
    : [];
  return id;
}
