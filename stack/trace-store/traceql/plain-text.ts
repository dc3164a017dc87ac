import type { Value } from "#contract";

/** A value where only text can stand, without the quotes and the rounding that a person wants. */
export function plainText(value: Value): string {
  switch (value.type) {
    case "array":
      return `[${value.value.map(plainText).join(", ")}]`;
    case "map":
      return `{${value.value.map((entry) => `${entry.key}: ${plainText(entry.value)}`).join(", ")}}`;
    case "empty":
      return "";
    default:
      return String(value.value);
  }
}
