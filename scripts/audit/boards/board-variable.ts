import { asList, asObject, asText, getMember } from "../documents/json-values.ts";

/** A variable of a dashboard, as far as queries with it in them are to be understood. */
export interface BoardVariable {
  readonly name: string;
  /** As in classic JSON: `query`, `custom`, `datasource`, `adhoc` … */
  readonly type: string;
  /** What it may stand for, where the file says so. */
  readonly options: readonly string[];
  /** What is chosen when the dashboard is opened; nothing for all. */
  readonly current: readonly string[];
}

const wordForAll = new Set(["$__all", "All", "all"]);
const mostOptions = 1_000;

/** One of `templating.list`, or the `spec` of one of `spec.variables`. */
export function readVariable(json: unknown, type: string): BoardVariable {
  const { name, query, options, current } = asObject(json);
  const chosen = valuesOf(getMember(current, "value") ?? current);
  const isText = type === "textbox" || type === "constant";
  const written =
    type === "custom" || type === "interval"
      ? splitOptions(asText(query) ?? "")
      : isText
        ? valuesOf(query)
        : [];
  const listed = asList(options).flatMap((option) => valuesOf(getMember(option, "value")));
  const all = [...new Set([...written, ...listed, ...chosen])].filter(
    (option) => !wordForAll.has(option) && !option.startsWith("$__auto"),
  );
  return {
    name: asText(name) ?? "",
    type,
    options: all.slice(0, mostOptions),
    current: chosen.filter((option) => all.includes(option)),
  };
}

function valuesOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === "string" || typeof one === "number" ? [String(one)] : [],
  );
}

/** `a, b : of b, c`; a comma of a value is written with a backslash. */
function splitOptions(query: string): string[] {
  return query
    .split(/(?<!\\),/)
    .map((part) => part.trim().replaceAll("\\,", ","))
    .filter((part) => part !== "")
    .map((part) => part.split(/\s:\s/).at(-1)?.trim() ?? part);
}
