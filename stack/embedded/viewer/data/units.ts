/** The units of Grafana that the dashboards use, by Grafana's names for them. */

export interface FormattedNumber {
  readonly number: string;
  /** What stands behind it, with its space where there is one; "" for none. */
  readonly suffix: string;
}

/** A scale: from which amount on a number is divided by what, and called how. The smallest first. */
type Scale = readonly (readonly [from: number, divisor: number, suffix: string])[];

/** In nanoseconds. */
const durations: Scale = [
  [0, 1, " ns"],
  [1e3, 1e3, " µs"],
  [1e6, 1e6, " ms"],
  [1e9, 1e9, " s"],
  [60e9, 60e9, " min"],
  [3600e9, 3600e9, " h"],
  [86_400e9, 86_400e9, " d"],
];

const thousands: Scale = [
  [0, 1, ""],
  [1e3, 1e3, " K"],
  [1e6, 1e6, " Mil"],
  [1e9, 1e9, " Bil"],
  [1e12, 1e12, " Tri"],
];

const bytes: Scale = [
  [0, 1, " B"],
  [1024, 1024, " KiB"],
  [1024 ** 2, 1024 ** 2, " MiB"],
  [1024 ** 3, 1024 ** 3, " GiB"],
  [1024 ** 4, 1024 ** 4, " TiB"],
];

interface Unit {
  readonly scale: Scale;
  /** What one of the unit is in the scale's smallest. */
  readonly factor?: number;
  /** Behind the scale's own suffix. */
  readonly suffix?: string;
  /** Whether thousands are set apart. */
  readonly isGrouped?: boolean;
}

const plain: Scale = [[0, 1, ""]];

const units: Readonly<Record<string, Unit>> = {
  none: { scale: plain },
  locale: { scale: plain, isGrouped: true },
  short: { scale: thousands },
  ns: { scale: durations },
  µs: { scale: durations, factor: 1e3 },
  ms: { scale: durations, factor: 1e6 },
  s: { scale: durations, factor: 1e9 },
  m: { scale: durations, factor: 60e9 },
  h: { scale: durations, factor: 3600e9 },
  bytes: { scale: bytes },
  percent: { scale: plain, suffix: "%" },
  percentunit: { scale: plain, factor: 100, suffix: "%" },
  reqps: { scale: thousands, suffix: " req/s" },
};

/** A number in a unit. @param decimals as many as are given, else three digits that count. */
export function formatNumber(
  value: number,
  name: string | undefined = "none",
  decimals?: number,
): FormattedNumber {
  const unit = unitOf(name);
  const amount = value * (unit.factor ?? 1);
  const rounded = Math.abs(amount);
  const [, divisor, suffix] = unit.scale.findLast(([from]) => rounded >= from) ??
    unit.scale[0] ?? [0, 1, ""];
  const scaled = amount / divisor;
  return {
    number:
      scaled === 0
        ? "0"
        : unit.isGrouped === true
          ? scaled.toLocaleString("en", groupedDigits(decimals))
          : digitsOf(scaled, decimals),
    suffix: `${scaled === 0 && unit.scale === durations ? suffixOfZero(name) : suffix}${unit.suffix ?? ""}`,
  };
}

function groupedDigits(decimals: number | undefined): Intl.NumberFormatOptions {
  return decimals === undefined
    ? { maximumFractionDigits: 3 }
    : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
}

function unitOf(name: string): Unit {
  if (name.startsWith("suffix:")) {
    return { scale: plain, suffix: name.slice("suffix:".length) };
  }
  return Object.hasOwn(units, name)
    ? (units[name] ?? { scale: plain })
    : { scale: plain, suffix: ` ${name}` };
}

/** No time at all is said in the unit that was asked for. */
function suffixOfZero(name: string): string {
  return name === "m" ? " min" : ` ${name}`;
}

function digitsOf(value: number, decimals: number | undefined): string {
  if (decimals !== undefined) {
    return withoutNegativeZero(value.toFixed(Math.min(20, Math.max(0, decimals))));
  }
  const size = Math.abs(value);
  if (size < 1e-6 || size >= 1e9) {
    return value.toPrecision(3).replace(/\.?0+(e|$)/, "$1");
  }
  const places = Math.max(0, Math.min(9, 2 - Math.floor(Math.log10(size))));
  return withoutNegativeZero(String(Number(value.toFixed(places))));
}

function withoutNegativeZero(text: string): string {
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
}

export function formatText(value: number, unit?: string, decimals?: number): string {
  const { number, suffix } = formatNumber(value, unit, decimals);
  return `${number}${suffix}`;
}
