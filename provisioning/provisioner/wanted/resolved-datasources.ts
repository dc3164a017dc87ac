import { isRecord } from "../differences.ts";
import type { GrafanaInstance } from "../grafana-instance.ts";
import { ProvisioningError } from "../provisioning-error.ts";
import { type DatasourceChoices, withUids } from "./datasource-choice.ts";
import type { FileDatasource, JsonObject } from "./generated-content.ts";

export interface ResolvedDatasources {
  /** Those to make, with the address of each. */
  readonly made: readonly { readonly file: FileDatasource; readonly url: string }[];
  /** Those of Grafana's that are asked instead: uid in the generated files → uid there. */
  readonly uids: ReadonlyMap<string, string>;
  /** Those that there are not, by the uid of the generated files. */
  readonly absent: readonly FileDatasource[];
}

/** Spans are what everything here is about, so a Tempo is always there: by default beside Grafana. */
const defaultTempo = { url: "http://localhost:3200" };

export interface PresentDatasources {
  readonly grafana: GrafanaInstance;
  /** Of those that were made from here, by uid: they stay where they lead. */
  readonly addresses: ReadonlyMap<string, string>;
}

/**
 * For each datasource of the generated files: which one it is in this Grafana.
 * @throws ProvisioningError when a chosen one is not there, or of another type.
 */
export function resolveDatasources(
  files: readonly FileDatasource[],
  choices: DatasourceChoices,
  { grafana: { datasourceTypes }, addresses }: PresentDatasources,
): ResolvedDatasources {
  const made: { file: FileDatasource; url: string }[] = [];
  const uids = new Map<string, string>();
  const absent: FileDatasource[] = [];
  for (const file of files) {
    const ownUrl = addresses.get(file.uid);
    const choice = choices[file.type] ?? (ownUrl === undefined ? undefined : { url: ownUrl });
    const isThere = datasourceTypes.get(file.uid) === file.type;
    const newOne = choice ?? (file.type === "tempo" && !isThere ? defaultTempo : undefined);
    if (newOne !== undefined && "url" in newOne) {
      made.push({ file, url: newOne.url });
    } else if (newOne !== undefined) {
      requireType(datasourceTypes, newOne.uid, file.type);
      uids.set(file.uid, newOne.uid);
    } else if (!isThere) {
      absent.push(file);
    }
  }
  const gone = new Set(absent.map(({ uid }) => uid));
  return {
    made: made.map(({ file, url }) => ({ file: withUids(withoutLinksTo(file, gone), uids), url })),
    uids,
    absent,
  };
}

function requireType(types: ReadonlyMap<string, string>, uid: string, type: string): void {
  const found = types.get(uid);
  if (found === type) {
    return;
  }
  const others = [...types].filter(([, other]) => other === type).map(([other]) => other);
  throw new ProvisioningError({
    code: "grafana_unsuitable",
    seen:
      found === undefined
        ? `Grafana has no datasource with the uid ${uid}, or the account may not ask it.`
        : `The datasource with the uid ${uid} is of the type ${found}, not ${type}.`,
    action:
      others.length === 0
        ? `It has none of the type ${type}; --${type}-url URL makes one.`
        : `Those of the type ${type} have the uid ${others.join(", ")}.`,
  });
}

/** Without what leads from one datasource to another that is not there. */
function withoutLinksTo(file: FileDatasource, gone: ReadonlySet<string>): FileDatasource {
  const jsonData: JsonObject = Object.fromEntries(
    Object.entries(file.jsonData).filter(
      ([, value]) => !(isRecord(value) && gone.has(String(value.datasourceUid))),
    ),
  );
  return { ...file, jsonData };
}
