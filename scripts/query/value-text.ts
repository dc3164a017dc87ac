import { formatDuration, type TempoAttribute, type TempoValue } from "../../stack/index.ts";

/** A text of any length would fill the terminal and say no more. */
const longestText = 300;

/** A value for a person. Control characters are escaped, because a terminal would obey them. */
export function valueText(value: TempoValue | undefined): string {
  const [type, content] = Object.entries(value ?? {})[0] ?? [];
  switch (type) {
    case "doubleValue":
      return numberText(Number(content));
    case "arrayValue":
      return cleanText(`[${(value?.arrayValue?.values ?? []).map(valueText).join(", ")}]`);
    case "kvlistValue":
      return cleanText(`{${(value?.kvlistValue?.values ?? []).map(attributeText).join(", ")}}`);
    default:
      return cleanText(String(content ?? ""));
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

export function cleanText(text: string): string {
  const shown = text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
  return shown.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
