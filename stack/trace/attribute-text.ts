import { hexOfBytes, type KeyValue, shortText, type Value } from "#contract";

/** `key=value`, for a person: one that cannot be seen is escaped, and a long one is cut. */
export function attributeText({ key, value }: KeyValue): string {
  return `${shortText(key)}=${shortText(valueText(value))}`;
}

function valueText(value: Value): string {
  switch (value.type) {
    case "string":
      return /^[^\s"=]+$/.test(value.value) ? value.value : JSON.stringify(value.value);
    case "bool":
    case "int":
      return String(value.value);
    case "double":
      return String(Math.round(value.value * 1000) / 1000);
    case "bytes":
      return hexOfBytes(value.value);
    case "array":
      return `[${value.value.map(valueText).join(", ")}]`;
    case "map":
      return `{${value.value.map(attributeText).join(", ")}}`;
    case "empty":
      return "nothing";
    default:
      return value satisfies never;
  }
}
