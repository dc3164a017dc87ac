import { shortText } from "#contract";
import { formatDuration, type TempoAttribute, type TempoValue } from "../../stack/index.ts";

/** A value for a person: what cannot be seen is escaped, because a terminal would obey it. */
export function valueText(value: TempoValue | undefined): string {
  const [type, content] = Object.entries(value ?? {})[0] ?? [];
  switch (type) {
    case "doubleValue":
      return numberText(Number(content));
    case "arrayValue":
      return shortText(`[${(value?.arrayValue?.values ?? []).map(valueText).join(", ")}]`);
    case "kvlistValue":
      return shortText(`{${(value?.kvlistValue?.values ?? []).map(attributeText).join(", ")}}`);
    default:
      return shortText(String(content ?? ""));
  }
}

function attributeText({ key, value }: TempoAttribute): string {
  return `${key}=${valueText(value)}`;
}

export function isNumber(value: TempoValue | undefined): boolean {
  return value?.intValue !== undefined || value?.doubleValue !== undefined;
}

/** Six digits are what a person reads. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Metrics give durations in seconds. */
export function secondsText(seconds: number): string {
  return Number.isFinite(seconds)
    ? formatDuration(BigInt(Math.round(seconds * 1e9)))
    : String(seconds);
}
