import type { VariableJson } from "./dashboard.ts";
import type { VariableValue } from "./interpolation.ts";

export interface VariableOption {
  readonly text: string;
  readonly value: string;
}

/** A variable of a dashboard, with what may be chosen. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** `unsupported` is a type that the viewer does not know: it keeps the value it was saved with. */
  readonly kind: "custom" | "textbox" | "constant" | "unsupported";
  readonly type: string;
  readonly options: readonly VariableOption[];
  readonly allValue: string | undefined;
  readonly isMulti: boolean;
  readonly takesOthers: boolean;
  readonly isHidden: boolean;
  readonly isInAddress: boolean;
  readonly initial: readonly string[];
}

/** How Grafana writes "all" in addresses and files. */
export const allOption: VariableOption = { text: "All", value: "$__all" };

export function readVariables(list: readonly VariableJson[] = []): Variable[] {
  return list.map((json) => {
    const kind = getVariableKind(json.type);
    const options = kind === "custom" ? customOptions(json) : [];
    return {
      name: json.name,
      label: json.label || json.name,
      description: json.description ?? "",
      kind,
      type: json.type,
      options: json.includeAll === true ? [allOption, ...options] : options,
      allValue: json.allValue || undefined,
      isMulti: json.multi === true,
      takesOthers: json.allowCustomValue !== false,
      isHidden: json.hide === 2 || kind === "constant",
      isInAddress: json.skipUrlSync !== true && kind !== "constant",
      initial: getInitialValues(json, kind, options),
    };
  });
}

function getVariableKind(type: string): Variable["kind"] {
  return type === "custom" || type === "textbox" || type === "constant" ? type : "unsupported";
}

/** `a, b : of b, c`; a comma of a value is written with a backslash. */
function customOptions({ query }: VariableJson): VariableOption[] {
  return String(query ?? "")
    .split(/(?<!\\),/)
    .map((part) => part.trim().replaceAll("\\,", ","))
    .filter((part) => part !== "")
    .map((part) => {
      const [, text = part, value = part] = /^(.+?)\s+:\s+(.+)$/.exec(part) ?? [];
      return { text, value };
    });
}

function getInitialValues(
  { current, query }: VariableJson,
  kind: Variable["kind"],
  options: readonly VariableOption[],
): string[] {
  const saved = current?.value;
  const values = (Array.isArray(saved) ? saved : saved === undefined ? [] : [saved]).map(String);
  if (kind === "constant" || (kind === "textbox" && values.length === 0)) {
    return [String(query ?? "")];
  }
  return values.length > 0 ? values : options.slice(0, 1).map(({ value }) => value);
}

/** What a variable stands for, with the values that an address has for it. */
function chosenValue(variable: Variable, fromAddress: readonly string[]): VariableValue {
  const isGiven = fromAddress.length > 0 && variable.isInAddress;
  const chosen = isGiven ? fromAddress : variable.initial;
  const kept = variable.isMulti ? chosen : chosen.slice(0, 1);
  const isAll = kept.includes(allOption.value) || (variable.isMulti && kept.includes("All"));
  const all = variable.options.filter((option) => option !== allOption).map(({ value }) => value);
  const findLabel = (value: string) =>
    variable.options.find((option) => option.value === value)?.text ?? value;
  return {
    values: isAll ? all : kept,
    text: isAll ? allOption.text : kept.map(findLabel).join(" + "),
    isAll,
    isHidden: !variable.isInAddress,
    ...(variable.allValue === undefined ? {} : { allValue: variable.allValue }),
  };
}

/** The values of all variables, by an address's parameters. */
export function resolveVariableValues(
  variables: readonly Variable[],
  address: URLSearchParams,
): ReadonlyMap<string, VariableValue> {
  return new Map(
    variables.map((variable) => [
      variable.name,
      chosenValue(variable, address.getAll(`var-${variable.name}`)),
    ]),
  );
}
