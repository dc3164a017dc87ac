import { parse } from "yaml";
import type { GeneratedFile } from "#contract";
import type { AlertRule, RuleGroup } from "../../model/alerting.ts";

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
export function contentOf(files: readonly GeneratedFile[]): GeneratedContent {
  const documents = <Document>(pattern: RegExp) =>
    files.filter(({ path }) => pattern.test(path)).map(({ content }): Document => parse(content));
  return {
    datasources: documents<{ datasources: FileDatasource[] }>(/\/grafana\/datasources\//).flatMap(
      ({ datasources }) => datasources,
    ),
    dashboards: files
      .filter(({ path }) => /^dashboards\/generated\/[^/]+\.json$/.test(path))
      .map(({ content }): JsonObject => JSON.parse(content)),
    rules: documents<{ groups: RuleGroup[] }>(/\/grafana\/alerting\//).flatMap(({ groups }) =>
      groups.flatMap(({ name, rules }) => rules.map((rule) => ({ group: name, rule }))),
    ),
  };
}
