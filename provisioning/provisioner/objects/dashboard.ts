import { createHash } from "node:crypto";
import { z } from "zod";
import type { JsonObject } from "../desired/generated-content.ts";
import {
  type Difference,
  differences,
  type PlannedChange,
  type ProvisionedObject,
} from "../differences.ts";
import { type GrafanaClient, readAnswer } from "../http/grafana-client.ts";
import type { Owner } from "../owner.ts";
import { hasCode } from "../provisioning-error.ts";

const dashboard = z.object({
  dashboard: z.looseObject({
    id: z.number().nullish(),
    title: z.string(),
    version: z.number().optional(),
    tags: z.array(z.string()).nullish(),
  }),
  meta: z.looseObject({ folderUid: z.string().optional(), provisioned: z.boolean().optional() }),
});

const versions = z.object({ versions: z.array(z.object({ message: z.string().optional() })) });

export interface DashboardOptions {
  readonly content: JsonObject;
  readonly folderUid: string;
  readonly owner: Owner;
}

export function dashboardObject(
  client: GrafanaClient,
  { content, folderUid, owner }: DashboardOptions,
): ProvisionedObject {
  const { id: _, version: _version, ...rest } = content;
  const tags = Array.isArray(content.tags) ? content.tags : [];
  const wanted: JsonObject & { readonly uid: string; readonly title: string } = {
    ...rest,
    uid: String(content.uid),
    title: String(content.title),
    tags: [...tags, owner.tag],
  };
  const path = `/api/dashboards/uid/${wanted.uid}`;
  const message = formatMessage(wanted);
  const described = { kind: "dashboard", id: wanted.uid, title: wanted.title } as const;
  const save = async (present?: { readonly id?: number | null; readonly version?: number }) => {
    await client.send("POST", "/api/dashboards/db", {
      // Of the version that was looked at: a change by somebody else meanwhile is refused.
      dashboard: { ...wanted, id: present?.id ?? null, version: present?.version ?? 0 },
      folderUid,
      message,
      overwrite: false,
    });
  };
  return {
    look: async (): Promise<PlannedChange> => {
      const answer = await client.find(path);
      if (answer === undefined) {
        const whereTaken =
          "Grafana has another dashboard of that title or uid, which it does not show to this account. Rename that one, or name another --folder.";
        return { ...described, action: "create", differences: [], whereTaken, apply: () => save() };
      }
      const { dashboard: present, meta } = readAnswer(dashboard, answer, path);
      const refused = { ...described, title: present.title, action: "refuse" } as const;
      if (meta.provisioned === true) {
        const reason =
          "Grafana reads that dashboard from a file, so it cannot be changed from here.";
        return { ...refused, reason, file: { differences: differences(present, rest) } };
      }
      const reason = reasonToRefuse(present.tags ?? [], owner);
      if (reason !== undefined) {
        return { ...refused, reason };
      }
      const found = [
        ...differences(present, wanted),
        ...differences(meta.folderUid, folderUid, "folder"),
      ];
      const all = found.length > 0 ? found : await olderSave(client, wanted.uid, message);
      const apply = () => save({ id: present.id ?? null, version: present.version ?? 0 });
      return all.length === 0
        ? { ...described, action: "keep" }
        : { ...described, action: "update", differences: all, apply };
    },
  };
}

const messageStart = "npm run provision, digest ";

/** Stands in Grafana's list of versions, and says later what was saved. */
function formatMessage(wanted: JsonObject): string {
  const digest = createHash("sha256").update(JSON.stringify(wanted)).digest("hex");
  return `${messageStart}${digest.slice(0, 12)}`;
}

/**
 * What was taken out of a dashboard since it was saved is not missing from it: only the digest of what
 * was saved last from here tells.
 */
async function olderSave(
  client: GrafanaClient,
  uid: string,
  message: string,
): Promise<Difference[]> {
  const last = await lastMessage(client, uid);
  return last.startsWith(messageStart) && last !== message
    ? [{ path: "what is gone since", present: last, wanted: message }]
    : [];
}

async function lastMessage(client: GrafanaClient, uid: string): Promise<string> {
  const path = `/api/dashboards/uid/${uid}/versions`;
  const answer = await client.get(`${path}?limit=1`);
  return readAnswer(versions, answer, path).versions[0]?.message ?? "";
}

/** Whether the newest version was saved from here. Of one that may not be changed, nobody knows. */
export async function isSavedFromHere(client: GrafanaClient, uid: string): Promise<boolean> {
  try {
    return (await lastMessage(client, uid)).startsWith(messageStart);
  } catch (error) {
    if (hasCode(error, "grafana_forbidden")) {
      return false;
    }
    throw error;
  }
}

function reasonToRefuse(tags: readonly string[], owner: Owner): string | undefined {
  return tags.includes(owner.tag)
    ? undefined
    : `There is a dashboard of that uid without the tag ${owner.tag}: it was not made from here. Remove it, or add the tag to have it replaced.`;
}
