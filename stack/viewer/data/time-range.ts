import type { RawRange } from "./dashboard.ts";

/** Milliseconds since 1970. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

type Unit = "s" | "m" | "h" | "d" | "w" | "M" | "y";

const fixedMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * A time as Grafana writes it: `now`, `now-1h`, `now-1d/d`, milliseconds since 1970, or a date and time.
 * Undefined for anything else. Days and longer are those of the calendar here.
 * @param edge what rounding (`/d`) goes to: the beginning of the unit, or its last millisecond.
 */
export function parseTime(text: string, nowMs: number, edge: "start" | "end"): number | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith("now")) {
    return parseRelative(trimmed.slice(3), nowMs, edge);
  }
  if (/^\d{9,15}$/.test(trimmed)) {
    return Number(trimmed);
  }
  if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(trimmed)) {
    return undefined;
  }
  // A date alone would be of UTC, with a time it is of here.
  const time = Date.parse(trimmed.length === 10 ? `${trimmed}T00:00` : trimmed.replace(" ", "T"));
  return Number.isNaN(time) ? undefined : time;
}

function parseRelative(rest: string, nowMs: number, edge: "start" | "end"): number | undefined {
  if (!/^([+-]\d{1,6}[smhdwMy]|\/[smhdwMy])*$/.test(rest)) {
    return undefined;
  }
  const date = new Date(nowMs);
  for (const [, sign, count, unit, rounded] of rest.matchAll(
    /([+-])(\d+)([smhdwMy])|\/([smhdwMy])/g,
  )) {
    if (rounded !== undefined) {
      round(date, rounded as Unit, edge);
    } else {
      shift(date, unit as Unit, Number(count) * (sign === "-" ? -1 : 1));
    }
  }
  return date.getTime();
}

function shift(date: Date, unit: Unit, count: number): void {
  switch (unit) {
    case "d":
      date.setDate(date.getDate() + count);
      break;
    case "w":
      date.setDate(date.getDate() + 7 * count);
      break;
    case "M":
      date.setMonth(date.getMonth() + count);
      break;
    case "y":
      date.setFullYear(date.getFullYear() + count);
      break;
    default:
      date.setTime(date.getTime() + count * fixedMs[unit]);
  }
}

function round(date: Date, unit: Unit, edge: "start" | "end"): void {
  if (unit === "y") {
    date.setMonth(0, 1);
  }
  if (unit === "M") {
    date.setDate(1);
  }
  if (unit === "w") {
    date.setDate(date.getDate() - ((date.getDay() + 6) % 7));
  }
  if (unit === "s") {
    date.setMilliseconds(0);
  } else if (unit === "m") {
    date.setSeconds(0, 0);
  } else if (unit === "h") {
    date.setMinutes(0, 0, 0);
  } else {
    date.setHours(0, 0, 0, 0);
  }
  if (edge === "end") {
    shift(date, unit, 1);
    date.setTime(date.getTime() - 1);
  }
}

/** The range that is meant, or undefined when a time is none or the end is not after the start. */
export function resolveRange({ from, to }: RawRange, nowMs: number): TimeRange | undefined {
  const fromMs = parseTime(from, nowMs, "start");
  const toMs = parseTime(to, nowMs, "end");
  return fromMs === undefined || toMs === undefined || fromMs >= toMs
    ? undefined
    : { fromMs, toMs };
}

const unitWords: Readonly<Record<string, string>> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  M: "month",
  y: "year",
};

/** A range for a person: "Last 15 minutes", or its two times. */
export function describeRange({ from, to }: RawRange): string {
  const [, count, unit] = /^now-(\d+)([smhdwMy])$/.exec(from) ?? [];
  if (to === "now" && count !== undefined) {
    const word = unitWords[unit ?? ""] ?? "";
    return count === "1" ? `Last ${word}` : `Last ${count} ${word}s`;
  }
  return `${describeTime(from)} to ${describeTime(to)}`;
}

function describeTime(text: string): string {
  return /^\d{9,15}$/.test(text) ? localTime(Number(text)) : text;
}

/** `2026-11-26 10:04:05`, in the zone of here. */
export function localTime(ms: number, { withMilliseconds = false } = {}): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) {
    return "";
  }
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const fraction = `.${String(date.getMilliseconds()).padStart(3, "0")}`;
  return `${day} ${clock}${withMilliseconds ? fraction : ""}`;
}

/** A duration such as `30s` in milliseconds; undefined for anything else. */
export function parseInterval(text: string): number | undefined {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text.trim()) ?? [];
  const perUnit = { ...fixedMs, d: 86_400_000 }[unit ?? ""];
  return perUnit === undefined ? undefined : Number(count) * perUnit;
}
