import type { KeyValue, Value } from "#contract";

/** A value of a trace for a person. What it holds may be anything: it is shown as text. */
export function valueText(value: Value): string {
  switch (value.type) {
    case "string":
      return value.value;
    case "bool":
    case "int":
    case "double":
      return String(value.value);
    case "bytes":
      return `${value.value.length} bytes`;
    case "array":
      return `[${value.value.map(valueText).join(", ")}]`;
    case "map":
      return `{${value.value.map(pairText).join(", ")}}`;
    case "empty":
      return "";
    default:
      return value satisfies never;
  }
}

function pairText({ key, value }: KeyValue): string {
  return `${key}: ${valueText(value)}`;
}
