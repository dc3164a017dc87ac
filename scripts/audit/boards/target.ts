import { asList, asText, type JsonObject } from "../documents/json-values.ts";
import type { Path } from "../documents/text-document.ts";
import type { BoardQuery } from "./board.ts";
import { languageOf } from "./datasource.ts";

/** A query of a panel. Path leads to it. */
export function readTarget(
  target: JsonObject,
  path: Path,
  { type, refId }: { readonly type: string | undefined; readonly refId: string },
): BoardQuery {
  const form = languageOf(type, target);
  if (form === "promql") {
    return { refId, form, text: asText(target.expr) ?? "", path: [...path, "expr"] };
  }
  return form === "traceql" ? readTempoTarget(target, path, refId) : { refId, form, text: "" };
}

function readTempoTarget(target: JsonObject, path: Path, refId: string): BoardQuery {
  const { queryType, query } = target;
  if (queryType === "serviceMap" || queryType === "upload" || queryType === "clear") {
    return { refId, form: { notJudged: `it is a query of the type ${queryType}` }, text: "" };
  }
  if (queryType === "traceId") {
    return { refId, form: { notJudged: "it asks for one trace by its id" }, text: "" };
  }
  const isStructured =
    queryType === "traceqlSearch" || (queryType !== "traceql" && asText(query) === undefined);
  if (!isStructured) {
    return { refId, form: "traceql", text: asText(query) ?? "", path: [...path, "query"] };
  }
  const filters = asList(target.filters).map((filter, index) =>
    readFilter(filter, [...path, "filters", index]),
  );
  const groups = asList(target.groupBy).map((group, index) =>
    readFilter(group, [...path, "groupBy", index]),
  );
  const by = groups.flatMap(({ field }) => (field === undefined ? [] : [`by(${field})`]));
  return {
    refId,
    form: "traceql",
    text: [`{ ${filters.flatMap(({ condition }) => condition ?? []).join(" && ")} }`, ...by].join(
      " | ",
    ),
    tags: [...filters, ...groups].flatMap(({ tag }) => tag ?? []),
  };
}

interface Filter {
  readonly field?: string;
  readonly condition?: string;
  readonly tag?: { readonly tag: string; readonly path: Path };
}

const operators = new Set(["=", "!=", ">", ">=", "<", "<=", "=~", "!~"]);

/** A line of the form with which Grafana builds a search: `{ tag, operator, scope, value, valueType }`. */
function readFilter(json: unknown, path: Path): Filter {
  const { tag, operator, scope, value, valueType } = (json ?? {}) as JsonObject;
  if (typeof tag !== "string" || tag === "") {
    return {};
  }
  const isIntrinsic = scope === "intrinsic" || intrinsicTags.has(tag);
  const name = /^[\w.]+$/.test(tag) ? tag : JSON.stringify(tag);
  const prefix = typeof scope === "string" && scope !== "unscoped" ? scope : "";
  const field = isIntrinsic ? tag : `${prefix}.${name}`;
  const sign = operators.has(String(operator)) ? String(operator) : "=";
  const values = (Array.isArray(value) ? value : [value]).filter(
    (one) => (typeof one === "string" && one !== "") || typeof one === "number",
  );
  const written = values.map((one) => writeValue(String(one), valueType)).join(" || ");
  const several = values.map((one) => `${field} ${sign} ${writeValue(String(one), valueType)}`);
  return {
    field,
    ...(isIntrinsic ? {} : { tag: { tag, path: [...path, "tag"] } }),
    // Without a value, Grafana asks nothing of it.
    ...(written === ""
      ? {}
      : { condition: several.length === 1 ? several.join() : `(${several.join(" || ")})` }),
  };
}

const intrinsicTags = new Set([
  "name",
  "duration",
  "status",
  "statusMessage",
  "kind",
  "rootName",
  "rootServiceName",
  "traceDuration",
]);

function writeValue(value: string, type: unknown): string {
  return type === "keyword" ||
    type === "duration" ||
    type === "int" ||
    type === "float" ||
    /^\$/.test(value)
    ? value
    : JSON.stringify(value);
}
