import {
  asList,
  asObject,
  asText,
  getAt,
  getMember,
  isObject,
  type JsonObject,
} from "../documents/json-values.ts";
import type { Path, TextDocument } from "../documents/text-document.ts";
import type { Board, BoardPanel, BoardQuery, Surroundings } from "./board.ts";
import { readVariable } from "./board-variable.ts";
import { readPanel, readVariableText } from "./classic.ts";
import { type DatasourceNames, datasourceType, languageOf } from "./datasource.ts";
import { readTarget } from "./target.ts";

/** The spec of a dashboard resource of version 2: elements, and a layout that names them. */
export function readResourceV2(
  document: TextDocument,
  spec: JsonObject,
  path: Path,
  surroundings: Surroundings,
): Board {
  const list = asList(spec.variables).map((json) => ({
    kind: asText(getMember(json, "kind")) ?? "",
    spec: asObject(getMember(json, "spec")),
  }));
  const variables = list.map(({ kind, spec: variable }) =>
    readVariable(variable, kind.replace(/Variable$/, "").toLowerCase()),
  );
  const names: DatasourceNames = {
    types: new Map([
      ...surroundings.datasourceTypes,
      ...list.flatMap(({ kind, spec: { name, pluginId } }): [string, string][] =>
        kind === "DatasourceVariable" ? [[asText(name) ?? "", asText(pluginId) ?? ""]] : [],
      ),
    ]),
  };
  return {
    kind: "dashboard",
    title: asText(spec.title) ?? "",
    document,
    variables: new Map(variables.map((variable) => [variable.name, variable])),
    records: [],
    panels: [
      ...list.flatMap(({ kind, spec: variable }, index) =>
        kind === "QueryVariable"
          ? [readVariableOf(variable, [...path, "variables", index, "spec"], names)]
          : [],
      ),
      ...asList(spec.annotations).flatMap((json, index) =>
        readAnnotation(getMember(json, "spec"), [...path, "annotations", index, "spec"], names),
      ),
      ...Object.entries(asObject(spec.elements)).flatMap(([name, element]) =>
        readElement(element, [...path, "elements", name], names, surroundings),
      ),
    ],
  };
}

function readElement(
  element: unknown,
  path: Path,
  names: DatasourceNames,
  { libraryPanels }: Surroundings,
): BoardPanel[] {
  const spec = asObject(getMember(element, "spec"));
  if (getMember(element, "kind") === "LibraryPanel") {
    const panel = { type: "library-panel-ref", ...spec };
    return [readPanel(panel, [...path, "spec"], { ...names, libraryPanels })];
  }
  const queries = asList(getAt(spec, "data", "spec", "queries")).map((query, index) =>
    readQuery(query, [...path, "spec", "data", "spec", "queries", index], names),
  );
  const kind =
    asText(getAt(spec, "vizConfig", "group")) ?? asText(getAt(spec, "vizConfig", "kind"));
  const notJudged = kind === "text" ? "a panel of the kind text" : "it has no query";
  return [
    {
      what: "panel",
      title: asText(spec.title) ?? "",
      path,
      queries: kind === "text" ? [] : queries,
      ...(queries.length === 0 || kind === "text" ? { notJudged } : {}),
    },
  ];
}

/** `kind` was the datasource's type before `group` was; the reference stood beside the query. */
function readQuery(json: unknown, path: Path, names: DatasourceNames): BoardQuery {
  const spec = asObject(getMember(json, "spec"));
  const { target, at, type } = readDataQuery(spec, [...path, "spec", "query"], names);
  return readTarget(target, at, { type, refId: asText(spec.refId) ?? "" });
}

function readDataQuery(spec: JsonObject, path: Path, names: DatasourceNames) {
  const query = asObject(spec.query);
  const { group, kind, datasource } = query;
  const said = asText(group) || (kind === "DataQuery" ? undefined : asText(kind));
  const type = said || datasourceType(datasource ?? spec.datasource, names);
  const target = asObject(query.spec);
  return { target: isObject(query.spec) ? target : {}, at: [...path, "spec"], type };
}

/** Those of Grafana itself ask nothing. */
function readAnnotation(json: unknown, path: Path, names: DatasourceNames): BoardPanel[] {
  const spec = asObject(json);
  const { target, at, type } = readDataQuery(spec, [...path, "query"], names);
  const hasQuery = typeof target.expr === "string" || typeof target.query === "string";
  const queries = [readTarget(target, at, { type, refId: "" })];
  return hasQuery ? [{ what: "annotation", title: asText(spec.name) ?? "", path, queries }] : [];
}

function readVariableOf(spec: JsonObject, path: Path, names: DatasourceNames): BoardPanel {
  const { target, at, type } = readDataQuery(spec, [...path, "query"], names);
  const language = languageOf(type, {});
  // In a resource, a variable's text stands under a name of its own.
  const legacy = asText(target.__legacyStringValue);
  const query =
    legacy === undefined
      ? readVariableText(language, target, at)
      : readVariableText(language, legacy, [...at, "__legacyStringValue"]);
  return { what: "variable", title: asText(spec.name) ?? "", path, queries: [query] };
}
