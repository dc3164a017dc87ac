import { spanKinds, statusCodes, type Value } from "#contract";
import type { SqlType } from "./typed-sql.ts";

/** Reads what `tagged` wrote: `int:5`. */
export function readTagged(text: string): { type: SqlType; value: Value } {
  const end = text.indexOf(":");
  const type = text.slice(0, end) as SqlType;
  return { type, value: toValue(type, text.slice(end + 1)) };
}

/** A value as Tempo's answers write it: durations, statuses and kinds are strings there. */
function toValue(type: SqlType, text: string): Value {
  switch (type) {
    case "string":
      return { type: "string", value: text };
    case "int":
      return { type: "int", value: BigInt(text) };
    case "double":
      return { type: "double", value: toNumber(text) };
    case "bool":
      return { type: "bool", value: text === "true" };
    case "duration":
      return { type: "string", value: formatDuration(Number(text)) };
    case "status":
      return { type: "string", value: statusCodes[Number(text)] ?? "unset" };
    case "kind":
      return { type: "string", value: spanKinds[Number(text)] ?? "unspecified" };
    default:
      return type satisfies never;
  }
}

/** DuckDB writes `inf` and `nan`. */
function toNumber(text: string): number {
  if (/inf/i.test(text)) {
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return Number(text);
}

const smallUnits = [
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
] as const;

/** As Go writes a duration: `1m30s`, `1.5ms`. */
function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) {
    return "0s";
  }
  const sign = nanoseconds < 0 ? "-" : "";
  const size = Math.trunc(Math.abs(nanoseconds));
  for (const [unit, name] of smallUnits) {
    if (size < 1e9 && size >= unit) {
      return `${sign}${size / unit}${name}`;
    }
  }
  const hours = Math.floor(size / 3600e9);
  const minutes = Math.floor((size % 3600e9) / 60e9);
  const seconds = `${(size % 60e9) / 1e9}s`;
  if (hours > 0) {
    return `${sign}${hours}h${minutes}m${seconds}`;
  }
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}
