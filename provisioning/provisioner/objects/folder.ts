import { createHash } from "node:crypto";
import { z } from "zod";
import type { Service } from "#contract";
import type { ProvisionedObject } from "../differences.ts";
import { type GrafanaClient, readAnswer } from "../http/grafana-client.ts";
import { hasCode, ProvisioningError } from "../provisioning-error.ts";

const folder = z.object({ uid: z.string(), title: z.string() });

export interface FolderChoice {
  readonly uid: string;
  readonly title: string;
}

/**
 * The folder for everything: the one of that title at the top level, if there is one. Otherwise that of
 * our uid, whatever it is called by now, or a new one.
 */
export async function chooseFolder(
  client: GrafanaClient,
  service: Service,
  title: string | undefined,
): Promise<FolderChoice> {
  const wanted = title ?? service.name;
  const found = await findFolderByTitle(client, wanted);
  return { uid: found?.uid ?? uidFor(service, wanted), title: wanted };
}

const foldersPerPage = 1000;

async function findFolderByTitle(client: GrafanaClient, title: string) {
  for (let page = 1; ; page++) {
    const path = `/api/folders?limit=${foldersPerPage}&page=${page}`;
    const folders = readAnswer(z.array(folder), await client.get(path), "/api/folders");
    const found = folders.find((candidate) => candidate.title === title);
    if (found !== undefined || folders.length < foldersPerPage) {
      return found;
    }
  }
}

const longestUid = 40;

/** The digest tells titles apart that are equal in their first Latin letters, or have none. */
function uidFor({ id, name }: Service, title: string): string {
  if (title === name) {
    return id;
  }
  const digest = createHash("sha256").update(title).digest("hex").slice(0, 8);
  const slug = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const start = `${id}-${slug}`.slice(0, longestUid - digest.length - 1);
  return `${start.replace(/-+$/, "")}-${digest}`;
}

/** To an Editor Grafana 13 says that a folder which is missing is forbidden, and yet lets him make it. */
async function findFolder(client: GrafanaClient, path: string) {
  try {
    return { present: await client.find(path), isHidden: false };
  } catch (error) {
    if (hasCode(error, "grafana_forbidden")) {
      return { present: undefined, isHidden: true };
    }
    throw error;
  }
}

async function makeFolder(client: GrafanaClient, { uid, title }: FolderChoice, isHidden: boolean) {
  try {
    await client.send("POST", "/api/folders", { uid, title });
  } catch (error) {
    if (isHidden && hasCode(error, "grafana_conflict")) {
      throw new ProvisioningError("grafana_forbidden", {
        message: `The folder ${uid} is there, and the account may not read it.`,
        hint: "Give the account the permission folders:read for it, or name another --folder.",
      });
    }
    throw error;
  }
}

/** A folder that is there is left as it is: others may have renamed it, or put things into it. */
export function folderObject(
  client: GrafanaClient,
  { uid, title }: FolderChoice,
): ProvisionedObject {
  return {
    look: async () => {
      const described = { kind: "folder", id: uid, title } as const;
      const path = `/api/folders/${uid}`;
      const { present, isHidden } = await findFolder(client, path);
      return present !== undefined
        ? { ...described, title: readAnswer(folder, present, path).title, action: "keep" }
        : {
            ...described,
            action: "create",
            differences: [],
            whereTaken:
              "Grafana has another folder of that title or uid, which it does not show to this account. Give the account the permission folders:read for it, or name another --folder.",
            apply: async () => {
              await makeFolder(client, { uid, title }, isHidden);
            },
          };
    },
  };
}
