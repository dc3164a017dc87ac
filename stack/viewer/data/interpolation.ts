/** What a variable stands for: one value or several; all of them, perhaps written in a way of its own. */
export interface VariableValue {
  readonly values: readonly string[];
  /** As it is shown to a person. */
  readonly text: string;
  readonly isAll: boolean;
  /** What "all" is written as, unchanged, where the variable says so. */
  readonly allValue?: string;
  /** Left out of addresses. */
  readonly isHidden?: boolean;
}

/** Everything that `$name` and `${name.path:format}` may stand for. */
export interface Interpolation {
  readonly variables: ReadonlyMap<string, VariableValue>;
  /** Names that begin with two underscores, such as `__from` and `__data.fields.x`. */
  readonly builtIn?: (path: string, format: string) => string | undefined;
}

const pattern =
  /\$\{([\w.]+|__data\.fields\[(?:"[^"]*"|'[^']*'|\d+)\])(?::([\w-]+))?\}|\$(\w+)|\[\[(\w+)(?::([\w-]+))?\]\]/g;

/** Replaces the variables of a text. One that is not known stays as it is written. */
export function interpolate(text: string, { variables, builtIn }: Interpolation): string {
  return text.replaceAll(
    pattern,
    (whole, braced, bracedFormat, bare, bracketed, bracketedFormat) => {
      const name: string = braced ?? bare ?? bracketed;
      const format: string = bracedFormat ?? bracketedFormat ?? "";
      if (name.startsWith("__")) {
        return builtIn?.(name, format) ?? whole;
      }
      const value = variables.get(name);
      return value === undefined ? whole : formatVariable(name, value, format);
    },
  );
}

/** @param format one of Grafana's; without one, several values are divided by bars. */
function formatVariable(name: string, value: VariableValue, format: string): string {
  if (format === "queryparam") {
    return queryParameters(name, value);
  }
  if (format === "text") {
    return value.text;
  }
  // What stands for all is written by the dashboard's author in the language of the query.
  if (value.isAll && value.allValue !== undefined) {
    return format === "percentencode" ? encodeURIComponent(value.allValue) : value.allValue;
  }
  return formatValues(value.values, format);
}

function formatValues(values: readonly string[], format: string): string {
  const [first = ""] = values;
  switch (format) {
    case "regex":
      return values.length === 1 ? escapeRegex(first) : `(${values.map(escapeRegex).join("|")})`;
    case "percentencode":
      return encodeURIComponent(values.length === 1 ? first : `{${values.join(",")}}`);
    case "csv":
    case "raw":
      return values.join(",");
    case "json":
      return JSON.stringify(values.length === 1 ? first : values);
    case "doublequote":
      return values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(",");
    default:
      return values.join("|");
  }
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$*+?.()|[\]{}/]/g, "\\$&");
}

/** `var-name=value`, as addresses of dashboards have it. */
export function queryParameters(name: string, { values, isAll }: VariableValue): string {
  const written = isAll ? ["$__all"] : values;
  return written.map((value) => `var-${name}=${encodeURIComponent(value)}`).join("&");
}
