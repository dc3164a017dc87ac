import { z } from "zod";
import { differences, isRecord } from "../differences.ts";
import type { GrafanaClient } from "../http/grafana-client.ts";
import { readAnswer } from "../http/read-answer.ts";
import type { Owner } from "../owner.ts";
import type { PlannedChange, ProvisionedObject } from "../planned-change.ts";
import { hasCode } from "../provisioning-error.ts";
import type { FileDatasource, JsonObject } from "../wanted/generated-content.ts";

const datasource = z.looseObject({
  uid: z.string(),
  name: z.string(),
  type: z.string(),
  url: z.string().default(""),
  readOnly: z.boolean().optional(),
  jsonData: z.record(z.string(), z.unknown()).nullish(),
});

type PresentDatasource = z.infer<typeof datasource>;

/** Every datasource that the account can see. */
async function listDatasources(client: GrafanaClient): Promise<PresentDatasource[]> {
  const path = "/api/datasources";
  return readAnswer(z.array(datasource), await client.get(path), path);
}

function isOwnDatasource({ jsonData }: PresentDatasource, owner: Owner): boolean {
  return jsonData?.[owner.field] === owner.service;
}

/** Those that were made from here, with their addresses; undefined where the account may not list them. */
export async function ownDatasources(
  client: GrafanaClient,
  owner: Owner,
): Promise<PresentDatasource[] | undefined> {
  try {
    const present = await listDatasources(client);
    return present.filter(
      (candidate) => candidate.readOnly !== true && isOwnDatasource(candidate, owner),
    );
  } catch (error) {
    if (hasCode(error, "grafana_forbidden")) {
      return undefined;
    }
    throw error;
  }
}

/** A datasource as the API takes it, made of what the file says. */
function wantedOf(file: FileDatasource, url: string, owner: Owner): JsonObject {
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

export interface DatasourceOptions {
  readonly file: FileDatasource;
  readonly url: string;
  readonly owner: Owner;
}

export function datasourceObject(
  client: GrafanaClient,
  { file, url, owner }: DatasourceOptions,
): ProvisionedObject {
  const wanted = wantedOf(file, url, owner);
  const path = `/api/datasources/uid/${file.uid}`;
  const described = { kind: "datasource", id: file.uid, title: String(wanted.name) } as const;
  return {
    look: async (): Promise<PlannedChange> => {
      const answer = await client.find(path);
      if (answer === undefined) {
        const apply = async () => {
          await client.send("POST", "/api/datasources", wanted);
        };
        return { ...described, action: "create", differences: [], apply };
      }
      const present = readAnswer(datasource, answer, path);
      const reason = reasonToRefuse(present, file, owner);
      if (reason !== undefined) {
        return { ...described, title: present.name, action: "refuse", reason };
      }
      // It may have become the default since, which is a person's choice.
      const { isDefault: _, ...compared } = wanted;
      const found = differences(present, compared);
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

/** Its credentials and its own fields stay: a person may have entered them. */
function merged(present: PresentDatasource, wanted: JsonObject): JsonObject {
  const jsonData = isRecord(wanted.jsonData) ? wanted.jsonData : {};
  return { ...present, ...wanted, jsonData: { ...present.jsonData, ...jsonData } };
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
