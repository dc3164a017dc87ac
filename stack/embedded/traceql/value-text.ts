import type { Value } from "#contract";

/** A value of an answer for where only text can stand. */
export function valueText(value: Value): string {
  switch (value.type) {
    case "array":
      return `[${value.value.map(valueText).join(", ")}]`;
    case "map":
      return `{${value.value.map((entry) => `${entry.key}: ${valueText(entry.value)}`).join(", ")}}`;
    case "empty":
      return "";
    default:
      return String(value.value);
  }
}
