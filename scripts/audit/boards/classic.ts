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
import {
  type DatasourceNames,
  datasourceType,
  type Language,
  languageOf,
  namedInputs,
} from "./datasource.ts";
import { readTarget } from "./target.ts";

interface ClassicContext extends DatasourceNames {
  readonly libraryPanels: ReadonlyMap<string, unknown>;
}

/** Rows in rows in rows are nobody's. */
const deepestRow = 5;

/** A dashboard in Grafana's classic JSON. `path` leads to it in its document. */
export function readClassic(
  document: TextDocument,
  dashboard: JsonObject,
  path: Path,
  surroundings: Surroundings,
): Board {
  const list = asList(getAt(dashboard, "templating", "list"));
  const variables = list.map((json) => readVariable(json, asText(getMember(json, "type")) ?? ""));
  const context: ClassicContext = {
    types: new Map([
      ...surroundings.datasourceTypes,
      ...namedInputs(dashboard),
      ...list.flatMap((json) => datasourceVariable(json)),
    ]),
    libraryPanels: new Map([...surroundings.libraryPanels, ...elements(dashboard)]),
  };
  const rows = asList(dashboard.rows).flatMap((row, index) =>
    readPanels(getMember(row, "panels"), [...path, "rows", index, "panels"], context, 0),
  );
  return {
    kind: "dashboard",
    title: asText(dashboard.title) ?? "",
    document,
    variables: new Map(variables.map((variable) => [variable.name, variable])),
    records: [],
    panels: [
      ...list.flatMap((json, index) =>
        readVariableQuery(json, [...path, "templating", "list", index], context),
      ),
      ...readAnnotations(dashboard, path, context),
      ...rows,
      ...readPanels(dashboard.panels, [...path, "panels"], context, 0),
    ],
  };
}

/** The panels that an export carries along, by their uid. */
function elements(dashboard: JsonObject): [uid: string, model: unknown][] {
  return Object.entries(asObject(dashboard.__elements)).map(([uid, element]) => [
    asText(getMember(element, "uid")) ?? uid,
    getMember(element, "model"),
  ]);
}

function datasourceVariable(json: unknown): [name: string, type: string][] {
  const { type, name, query } = asObject(json);
  return type === "datasource" && typeof name === "string" && typeof query === "string"
    ? [[name, query]]
    : [];
}

function readPanels(
  list: unknown,
  path: Path,
  context: ClassicContext,
  depth: number,
): BoardPanel[] {
  return asList(list).flatMap((json, index) => {
    const at = [...path, index];
    const inner =
      depth < deepestRow && getMember(json, "panels") !== undefined
        ? readPanels(getMember(json, "panels"), [...at, "panels"], context, depth + 1)
        : [];
    return isObject(json) ? [readPanel(json, at, context), ...inner] : inner;
  });
}

/** What shows no data of a query. */
const withoutQueries = new Set(
  "row text news dashlist alertlist welcome gettingstarted annolist".split(" "),
);

/** A panel of the classic form; also of a library. */
export function readPanel(json: JsonObject, path: Path, context: ClassicContext): BoardPanel {
  const libraryUid = asText(getAt(json, "libraryPanel", "uid"));
  const model = libraryUid === undefined ? json : libraryModel(json, libraryUid, context);
  const title = asText(json.title) ?? asText(getAt(json, "libraryPanel", "name")) ?? "";
  const base = { what: "panel", title, path } as const;
  if (model === undefined) {
    const unreadable = `the library panel ${libraryUid} is not in the file; --grafana finds it`;
    return { ...base, queries: [], unreadable };
  }
  const type = asText(model.type) ?? "";
  if (withoutQueries.has(type)) {
    return { ...base, queries: [], notJudged: `a panel of the kind ${type}` };
  }
  // A library's panel stands elsewhere than where it is used.
  const targetPath = model === json ? path : undefined;
  const queries = asList(model.targets).flatMap((target, index): BoardQuery[] => {
    if (!isObject(target)) {
      return [];
    }
    const reference = target.datasource ?? model.datasource;
    const isMixed = getMember(model.datasource, "uid") === "-- Mixed --";
    const own = target.datasource ?? (isMixed ? undefined : reference);
    const refId = asText(target.refId) ?? "";
    const read = readTarget(target, [...path, "targets", index], {
      type: datasourceType(own, context),
      refId,
    });
    return [targetPath === undefined ? withoutPlaces(read) : read];
  });
  return { ...base, queries, ...(queries.length === 0 ? { notJudged: "it has no query" } : {}) };
}

function withoutPlaces({ refId, form, text }: BoardQuery): BoardQuery {
  return { refId, form, text };
}

/** Undefined when it is nowhere. */
function libraryModel(
  json: JsonObject,
  uid: string,
  { libraryPanels }: ClassicContext,
): JsonObject | undefined {
  const model = libraryPanels.get(uid);
  return isObject(model) ? model : Array.isArray(json.targets) ? json : undefined;
}

function readVariableQuery(json: unknown, path: Path, context: DatasourceNames): BoardPanel[] {
  const { type, name, datasource, query } = asObject(json);
  if (type !== "query") {
    return [];
  }
  const language = variableLanguage(datasourceType(datasource, context), query);
  const base = { what: "variable", title: asText(name) ?? "", path } as const;
  return [{ ...base, queries: [readVariableText(language, query, [...path, "query"])] }];
}

/** Of a datasource that nothing names: metrics are selected as only a Prometheus has them. */
function variableLanguage(type: string | undefined, query: unknown): Language {
  const text = asText(query) ?? asText(getMember(query, "query")) ?? "";
  const isMetrics = /^\s*(?:query_result\(|label_values\(\s*[a-zA-Z_:][\w:]*\s*[{,])/.test(text);
  return type === undefined && isMetrics ? "promql" : languageOf(type, {});
}

/** The query of a variable: a text, or an object with one in it, by its datasource. */
export function readVariableText(language: Language, query: unknown, path: Path): BoardQuery {
  const refId = "";
  if (typeof language === "object") {
    return { refId, form: language, text: "" };
  }
  if (language === "promql") {
    const place = typeof query === "string" ? path : [...path, "query"];
    const text = asText(query) ?? asText(getMember(query, "query")) ?? "";
    return { refId, form: "prometheus variable", text, path: place };
  }
  const label = asText(getMember(query, "label")) ?? "";
  return { refId, form: "tempo variable", text: label, path: [...path, "label"] };
}

function readAnnotations(
  dashboard: JsonObject,
  path: Path,
  context: DatasourceNames,
): BoardPanel[] {
  return asList(getAt(dashboard, "annotations", "list")).flatMap((json, index) => {
    const { name, datasource, expr, target } = asObject(json);
    const at = [...path, "annotations", "list", index];
    const [asked, where] =
      typeof expr === "string" ? [asObject(json), at] : [asObject(target), [...at, "target"]];
    const type = datasourceType(datasource, context);
    const hasQuery = typeof asked.expr === "string" || typeof asked.query === "string";
    return hasQuery && (type === "tempo" || /prometheus/.test(type ?? ""))
      ? [
          {
            what: "annotation",
            title: asText(name) ?? "",
            path: at,
            queries: [readTarget(asked, where, { type, refId: "" })],
          },
        ]
      : [];
  });
}

/** For what reads a part of a dashboard with the names of the whole. */
export type { ClassicContext };
