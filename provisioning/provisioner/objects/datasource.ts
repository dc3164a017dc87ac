import { z } from "zod";
import type { FileDatasource, JsonObject } from "../desired/generated-content.ts";
import {
  differences,
  isRecord,
  type PlannedChange,
  type ProvisionedObject,
} from "../differences.ts";
import { type GrafanaClient, readAnswer } from "../http/grafana-client.ts";
import type { Owner } from "../owner.ts";
import { hasCode } from "../provisioning-error.ts";

const datasource = z.looseObject({
  uid: z.string(),
  name: z.string(),
  type: z.string(),
  url: z.string().default(""),
  readOnly: z.boolean().optional(),
  jsonData: z.record(z.string(), z.unknown()).nullish(),
});

type PresentDatasource = z.infer<typeof datasource>;

export interface DatasourceOptions {
  readonly file: FileDatasource;
  readonly url: string;
  readonly owner: Owner;
}

export function datasourceObject(
  client: GrafanaClient,
  { file, url, owner }: DatasourceOptions,
): ProvisionedObject {
  const wanted = buildDesired(file, url, owner);
  const path = `/api/datasources/uid/${file.uid}`;
  const name = String(wanted.name);
  const described = { kind: "datasource", id: file.uid, title: name } as const;
  const whereTaken = `Grafana has another datasource called "${name}", which it does not show to this account. To use it: --${file.type}-uid UID, which stands in the address of its page.`;
  return {
    look: async (): Promise<PlannedChange> => {
      const answer = await client.find(path);
      if (answer === undefined) {
        const apply = async () => {
          await client.send("POST", "/api/datasources", wanted);
        };
        const reason = reasonOfName(await listDatasources(client, []), { name, file, owner });
        return reason === undefined
          ? { ...described, action: "create", differences: [], whereTaken, apply }
          : { ...described, action: "refuse", reason };
      }
      const present = readAnswer(datasource, answer, path);
      const reason = reasonToRefuse(present, file, owner);
      if (reason !== undefined) {
        const refused = { ...described, title: present.name, action: "refuse", reason } as const;
        return present.readOnly === true ? { ...refused, file: { differences: [] } } : refused;
      }
      // It may have become the default since, which is a person's choice.
      const { isDefault: _, ...compared } = wanted;
      const found = differences(present, compared);
      const taken =
        present.name === name
          ? undefined
          : reasonOfName(await listDatasources(client, []), { name, file, owner });
      if (taken !== undefined) {
        return { ...described, action: "refuse", reason: taken };
      }
      return found.length === 0
        ? { ...described, action: "keep" }
        : {
            ...described,
            action: "update",
            differences: found,
            apply: async () => {
              await client.send("PUT", path, merged(present, compared));
            },
          };
    },
  };
}

/** A datasource as the API takes it, made of what the file says. */
function buildDesired(file: FileDatasource, url: string, owner: Owner): JsonObject {
  return {
    // Others may have a datasource of the plain name, and names must differ.
    name: `${file.name} (${owner.service})`,
    type: file.type,
    uid: file.uid,
    access: file.access,
    url,
    // Whichever is the default now stays it.
    isDefault: false,
    jsonData: { ...asGrafanaReads(file.jsonData), [owner.field]: owner.service },
  };
}

/** In a file `$$` is a dollar. Over the API nothing is replaced. */
function asGrafanaReads(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(value).replaceAll("$$", "$"));
}

/** Its credentials and its own fields stay: a person may have entered them. */
function merged(present: PresentDatasource, wanted: JsonObject): JsonObject {
  const jsonData = isRecord(wanted.jsonData) ? wanted.jsonData : {};
  return { ...present, ...wanted, jsonData: { ...present.jsonData, ...jsonData } };
}

interface WantedName {
  readonly name: string;
  readonly file: FileDatasource;
  readonly owner: Owner;
}

/** Names of datasources must differ, so one of our name under another uid is in the way. */
function reasonOfName(
  present: readonly PresentDatasource[],
  { name, file: { uid, type }, owner }: WantedName,
): string | undefined {
  const other = present.find(
    (candidate) => candidate.uid !== uid && candidate.name.toLowerCase() === name.toLowerCase(),
  );
  if (other === undefined) {
    return undefined;
  }
  const whose = isOwnDatasource(other, owner)
    ? "it was made from here"
    : "it was not made from here";
  const use =
    other.type === type
      ? `To use it as it is: --${type}-uid ${other.uid}. To have ours: rename or delete that one.`
      : `It is of the type ${other.type}, not ${type}: rename or delete it.`;
  return `A datasource of that name is there under the uid ${other.uid}, not ${uid}; ${whose}. ${use}`;
}

function reasonToRefuse(
  present: PresentDatasource,
  { uid, type }: FileDatasource,
  owner: Owner,
): string | undefined {
  const use = `To use it as it is: --${type}-uid ${uid}.`;
  if (present.readOnly === true) {
    return `Grafana reads that datasource from a file, so it cannot be changed from here. ${use}`;
  }
  return isOwnDatasource(present, owner)
    ? undefined
    : `The datasource "${present.name}" has that uid, and was not made from here. ${use}`;
}

/** Those that were made from here, with their addresses; undefined where the account may not list them. */
export async function ownDatasources(
  client: GrafanaClient,
  owner: Owner,
): Promise<PresentDatasource[] | undefined> {
  const present = await listDatasources(client, undefined);
  return present?.filter(
    (candidate) => candidate.readOnly !== true && isOwnDatasource(candidate, owner),
  );
}

/** Every datasource that the account can see; what is given instead where it may not list them. */
async function listDatasources<Otherwise>(
  client: GrafanaClient,
  otherwise: Otherwise,
): Promise<PresentDatasource[] | Otherwise> {
  const path = "/api/datasources";
  try {
    return readAnswer(z.array(datasource), await client.get(path), path);
  } catch (error) {
    if (hasCode(error, "grafana_forbidden")) {
      return otherwise;
    }
    throw error;
  }
}

function isOwnDatasource({ jsonData }: PresentDatasource, owner: Owner): boolean {
  return jsonData?.[owner.field] === owner.service;
}
