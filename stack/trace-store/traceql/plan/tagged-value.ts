import { spanKinds, statusCodes, type Value } from "#contract";
import { readValueText } from "../../store/index.ts";
import { formatDuration } from "../format-duration.ts";
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
      return toInteger(BigInt(text));
    case "double":
      return { type: "double", value: toNumber(text) };
    case "bool":
      return { type: "bool", value: text === "true" };
    case "duration":
      return { type: "string", value: formatDuration(wholeNumber(text)) };
    case "status":
      return { type: "string", value: statusCodes[Number(text)] ?? "unset" };
    case "kind":
      return { type: "string", value: spanKinds[Number(text)] ?? "unspecified" };
    case "array":
      return readValueText(text);
    default:
      return type satisfies never;
  }
}

/** What has more than 64 bits, as a sum may, has no other place than a double. */
function toInteger(value: bigint): Value {
  return BigInt.asIntN(64, value) === value
    ? { type: "int", value }
    : { type: "double", value: Number(value) };
}

/** DuckDB writes `inf` and `nan`. */
function toNumber(text: string): number {
  if (/inf/i.test(text)) {
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return Number(text);
}

/** Averages have parts of a nanosecond. */
function wholeNumber(text: string): bigint {
  return /^-?\d+$/.test(text) ? BigInt(text) : BigInt(Math.trunc(Number(text)));
}
