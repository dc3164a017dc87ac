import {
  asList,
  asObject,
  asText,
  getAt,
  getMember,
  type JsonObject,
} from "../documents/json-values.ts";
import type { Path, TextDocument } from "../documents/text-document.ts";
import type { Board, BoardPanel, Surroundings } from "./board.ts";
import { datasourceType } from "./datasource.ts";
import { readTarget } from "./target.ts";

/** Groups of rules: of Grafana's provisioning, of its API, or of a Prometheus. */
export function readRuleGroups(
  document: TextDocument,
  groups: readonly unknown[],
  path: Path,
  surroundings: Surroundings,
): Board {
  const rules = groups.flatMap((group, groupIndex) =>
    asList(getMember(group, "rules")).map((rule, index) => ({
      rule: asObject(rule),
      path: [...path, groupIndex, "rules", index],
    })),
  );
  return {
    kind: "alert rules",
    title: groups
      .flatMap((group) => asText(getMember(group, "name")) ?? [])
      .slice(0, 3)
      .join(", "),
    document,
    panels: rules.map(({ rule, path: at }) => readRule(rule, at, surroundings)),
    variables: new Map(),
    records: rules.flatMap(({ rule }) => asText(rule.record) ?? []),
  };
}

/** Rules as Grafana's API lists them, or as a rule alone is exported. */
export function readRuleList(
  document: TextDocument,
  rules: readonly unknown[],
  surroundings: Surroundings,
): Board {
  return {
    kind: "alert rules",
    title: "",
    document,
    panels: rules.map((rule, index) => readRule(asObject(rule), [index], surroundings)),
    variables: new Map(),
    records: [],
  };
}

function readRule(rule: JsonObject, path: Path, surroundings: Surroundings): BoardPanel {
  const title = asText(rule.title) ?? asText(rule.alert) ?? asText(rule.record) ?? "";
  const what = typeof rule.record === "string" ? "recording rule" : "alert rule";
  if (typeof rule.expr === "string") {
    const query = { refId: "", form: "promql", text: rule.expr, path: [...path, "expr"] } as const;
    return { what, title, path, queries: [query] };
  }
  const queries = asList(rule.data).map((step, index) => {
    const { model, datasourceUid, refId } = asObject(step);
    const reference = asObject(getMember(model, "datasource"));
    const types = { types: surroundings.datasourceTypes };
    const type = datasourceType(
      { uid: datasourceUid ?? reference.uid, type: reference.type },
      types,
    );
    return readTarget(asObject(model), [...path, "data", index, "model"], {
      type: datasourceUid === "__expr__" || datasourceUid === "-100" ? "__expr__" : type,
      refId: asText(refId) ?? "",
    });
  });
  return {
    what,
    title,
    path,
    queries,
    ...(queries.length === 0 ? { notJudged: "it has no query" } : {}),
  };
}

/** Whether a document is one of rules, and where its groups are. */
export function findRuleGroups(
  value: unknown,
): { groups: readonly unknown[]; path: Path } | undefined {
  for (const path of [["groups"], ["spec", "groups"]]) {
    const groups = asList(getAt(value, ...path));
    if (groups.some((group) => Array.isArray(getMember(group, "rules")))) {
      return { groups, path };
    }
  }
  return undefined;
}
