import { hexOfBytes, type KeyValue, type Value } from "#contract";

/** `key=value`, for a person. */
export function attributeText({ key, value }: KeyValue): string {
  return `${key}=${valueText(value)}`;
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
