import {
  asObject,
  asText,
  getMember,
  isObject,
  type JsonObject,
} from "../documents/json-values.ts";

/** What a document says of datasources. */
export interface DatasourceNames {
  /** By uid, name, or the name of a variable. */
  readonly types: ReadonlyMap<string, string>;
}

/**
 * The type of the datasource that a reference means; undefined where nothing says. A reference is a name,
 * `{ type, uid }`, or a variable for one of them.
 */
export function datasourceType(reference: unknown, { types }: DatasourceNames): string | undefined {
  const { type, uid, name } = isObject(reference) ? reference : { uid: reference };
  if (typeof type === "string" && type !== "" && !type.startsWith("$")) {
    return type;
  }
  const written = asText(uid) ?? asText(name) ?? "";
  const [, braced, bare] = /^\$(?:\{(\w+)(?::\w+)?\}|(\w+))$/.exec(written) ?? [];
  // Without a name, it is the default one.
  const key = (braced ?? bare ?? written) || "default";
  return types.get(key) ?? typeByName(key);
}

/** By what people, and Grafana's exports, call them. */
function typeByName(name: string): string | undefined {
  if (
    name === "__expr__" ||
    name === "-100" ||
    name === "-- Dashboard --" ||
    name === "-- Grafana --"
  ) {
    return name;
  }
  return ["prometheus", "tempo", "loki", "mimir"].find((type) => name.toLowerCase().includes(type));
}

/** What Grafana itself answers. */
const ownTypes: Readonly<Record<string, string>> = {
  __expr__: "an expression over other queries",
  "-100": "an expression over other queries",
  "-- Dashboard --": "it shows another panel's data",
  "-- Grafana --": "Grafana itself answers it",
  datasource: "Grafana itself answers it",
  grafana: "Grafana itself answers it",
};

export type Language = "traceql" | "promql" | { readonly notJudged: string };

/** In which language a query is written, by its datasource, else by what is written in it. */
export function languageOf(type: string | undefined, target: JsonObject): Language {
  if (type !== undefined) {
    if (type === "tempo") {
      return "traceql";
    }
    if (/prometheus|mimir/.test(type)) {
      return "promql";
    }
    const why = Object.hasOwn(ownTypes, type) ? ownTypes[type] : undefined;
    return { notJudged: why ?? `its data source is of the kind ${type}` };
  }
  const { expr, query, queryType } = target;
  if (typeof expr === "string") {
    return isPromql(expr)
      ? "promql"
      : { notJudged: "nothing says of which kind its data source is" };
  }
  const isTraceql = typeof query === "string" && /^traceql/.test(asText(queryType) ?? "");
  return isTraceql || queryType === "traceqlSearch"
    ? "traceql"
    : { notJudged: "nothing says of which kind its data source is" };
}

/** Not LogQL, which has bars, and selects without a name. */
function isPromql(text: string): boolean {
  return !/\|[=~>|]|\|\s*(?:json|logfmt|pattern|line_format|unwrap)\b|^\s*\{(?!.*__name__)/.test(
    text.slice(0, 10_000),
  );
}

/** Exported dashboards ask for datasources as `${DS_NAME}`, and say what these are. */
export function namedInputs(dashboard: unknown): [name: string, type: string][] {
  const inputs = asObject(dashboard).__inputs;
  return (Array.isArray(inputs) ? inputs : []).flatMap((input) => {
    const [name, type] = [asText(getMember(input, "name")), asText(getMember(input, "pluginId"))];
    return name === undefined || type === undefined ? [] : [[name, type] as [string, string]];
  });
}
