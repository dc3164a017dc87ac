import { parse } from "yaml";
import type { GeneratedFile } from "#contract";
import type { AlertRule, RuleGroup } from "../../model/alerting.ts";
import { isRecord } from "../differences.ts";
import type { GrafanaInstance } from "../grafana-instance.ts";
import { ProvisioningError } from "../provisioning-error.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A datasource as its file has it, with `$` as Grafana's files write it. */
export interface FileDatasource {
  readonly name: string;
  readonly type: string;
  readonly uid: string;
  readonly access: string;
  readonly url: string;
  readonly jsonData: JsonObject;
}

export interface WantedRule {
  readonly group: string;
  readonly rule: AlertRule;
}

/** What the generated files say, which Grafana's own provisioning would read from the same files. */
export interface GeneratedContent {
  readonly datasources: readonly FileDatasource[];
  readonly dashboards: readonly JsonObject[];
  readonly rules: readonly WantedRule[];
}

/** Reads the generated files of `provisioning/` and `dashboards/`. */
export function parseContent(files: readonly GeneratedFile[]): GeneratedContent {
  const documents = <Document>(pattern: RegExp) =>
    files.filter(({ path }) => pattern.test(path)).map(({ content }): Document => parse(content));
  return {
    datasources: documents<{ datasources: FileDatasource[] }>(/\/grafana\/datasources\//).flatMap(
      ({ datasources }) => datasources,
    ),
    dashboards: files
      .filter(({ path }) => /^dashboards\/generated\/[^/]+\/[^/]+\.json$/.test(path))
      .map(({ content }): JsonObject => JSON.parse(content)),
    rules: documents<{ groups: RuleGroup[] }>(/\/grafana\/alerting\//).flatMap(({ groups }) =>
      groups.flatMap(({ name, rules }) => rules.map((rule) => ({ group: name, rule }))),
    ),
  };
}

/** Where the datasources of a type are: one that Grafana has already, or the address of a new one. */
type DatasourceChoice = { readonly uid: string } | { readonly url: string };

/** What was chosen, by type: `tempo`, `loki`, `prometheus`. */
export type DatasourceChoices = Readonly<Record<string, DatasourceChoice | undefined>>;

/**
 * A value with other uids of datasources, wherever one is referred to: in references, in the fields that
 * end in `datasourceUid`, and inside links to Explore. Only these: a panel or a rule may be called the same.
 */
export function withUids<Value>(value: Value, uids: ReadonlyMap<string, string>): Value {
  return uids.size === 0 ? value : (replaced(value, uids) as Value);
}

function replaced(value: unknown, uids: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return withUidsInLinks(value, uids);
  }
  if (Array.isArray(value)) {
    return value.map((item) => replaced(item, uids));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isReference =
        key === "datasourceUid" || (key === "uid" && "type" in value && !("title" in value));
      const other = isReference && typeof item === "string" ? uids.get(item) : undefined;
      return [key, other ?? replaced(item, uids)];
    }),
  );
}

/** Links to Explore carry their query as encoded JSON. */
function withUidsInLinks(text: string, uids: ReadonlyMap<string, string>): string {
  if (!text.includes("/explore?")) {
    return text;
  }
  return text.replaceAll(
    /(%22(?:datasource|uid|datasourceUid)%22%3A%22)([\w-]+)(%22)/g,
    (whole, before: string, uid: string, after: string) => {
      const other = uids.get(uid);
      return other === undefined ? whole : `${before}${other}${after}`;
    },
  );
}

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

interface PresentDatasources {
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
  throw new ProvisioningError("grafana_unsuitable", {
    message:
      found === undefined
        ? `Grafana has no datasource with the uid ${uid}, or the account may not ask it.`
        : `The datasource with the uid ${uid} is of the type ${found}, not ${type}.`,
    hint:
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
