/** The units of Grafana that the dashboards use, by Grafana's names for them, and as it writes them. */

export interface FormattedNumber {
  readonly number: string;
  /** What stands behind it, with its space where there is one; "" for none. */
  readonly suffix: string;
}

type Format = (value: number, decimals: number | undefined) => FormattedNumber;

/** Below which amount a duration is called how: multiplied for parts of its unit, else divided. */
interface Step {
  readonly below: number;
  readonly times?: number;
  readonly over?: number;
  readonly suffix: string;
}

const forever = Number.POSITIVE_INFINITY;

const nanoseconds: readonly Step[] = [
  { below: 1e3, suffix: " ns" },
  { below: 1e6, over: 1e3, suffix: " µs" },
  { below: 1e9, over: 1e6, suffix: " ms" },
  { below: 60e9, over: 1e9, suffix: " s" },
  { below: 3600e9, over: 60e9, suffix: " min" },
  { below: 86_400e9, over: 3600e9, suffix: " hour" },
  { below: forever, over: 86_400e9, suffix: " day" },
];

/** They go no further than seconds. */
const microseconds: readonly Step[] = [
  { below: 1e3, suffix: " µs" },
  { below: 1e6, over: 1e3, suffix: " ms" },
  { below: forever, over: 1e6, suffix: " s" },
];

const milliseconds: readonly Step[] = [
  { below: 1e3, suffix: " ms" },
  { below: 60e3, over: 1e3, suffix: " s" },
  { below: 3600e3, over: 60e3, suffix: " min" },
  { below: 86_400e3, over: 3600e3, suffix: " hour" },
  { below: 31_536_000e3, over: 86_400e3, suffix: " day" },
  { below: forever, over: 31_536_000e3, suffix: " year" },
];

const seconds: readonly Step[] = [
  { below: 1e-6, times: 1e9, suffix: " ns" },
  { below: 1e-3, times: 1e6, suffix: " µs" },
  { below: 1, times: 1e3, suffix: " ms" },
  { below: 60, suffix: " s" },
  { below: 3600, over: 60, suffix: " min" },
  { below: 86_400, over: 3600, suffix: " hour" },
  { below: 604_800, over: 86_400, suffix: " day" },
  { below: 31_536_000, over: 604_800, suffix: " week" },
  { below: forever, over: 31_556_900, suffix: " year" },
];

const minutes: readonly Step[] = [
  { below: 60, suffix: " min" },
  { below: 1440, over: 60, suffix: " hour" },
  { below: 10_080, over: 1440, suffix: " day" },
  { below: 604_800, over: 10_080, suffix: " week" },
  { below: forever, over: 525_948, suffix: " year" },
];

const hours: readonly Step[] = [
  { below: 24, suffix: " hour" },
  { below: 168, over: 24, suffix: " day" },
  { below: 8760, over: 168, suffix: " week" },
  { below: forever, over: 8760, suffix: " year" },
];

const hasPlural: ReadonlySet<string> = new Set([" min", " hour", " day", " week", " year"]);

function duration(steps: readonly Step[]): Format {
  return (value, decimals) => {
    const { times, over, suffix } = steps.find(({ below }) => Math.abs(value) < below) ?? {
      suffix: steps.at(-1)?.suffix ?? "",
    };
    if (times === undefined && over === undefined) {
      return { number: formatDigits(value, decimals), suffix };
    }
    const scaled = times === undefined ? value / (over ?? 1) : value * times;
    const isPlural = Math.abs(scaled) > 1 && hasPlural.has(suffix);
    return { number: formatDigits(scaled, decimals), suffix: isPlural ? `${suffix}s` : suffix };
  };
}

const inSeconds = duration(seconds);

interface Scale {
  readonly factor: number;
  readonly suffixes: readonly string[];
  /** Where in the suffixes that of the unit itself is. */
  readonly unitAt?: number;
}

function scaled({ factor, suffixes, unitAt = 0 }: Scale): Format {
  return (value, decimals) => {
    if (!Number.isFinite(value)) {
      return { number: value.toLocaleString(), suffix: "" };
    }
    const size = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) / Math.log10(factor));
    const exponent = Math.min(suffixes.length - 1 - unitAt, Math.max(-unitAt, size));
    return {
      number: formatDigits(value / factor ** exponent, decimals),
      suffix: suffixes[unitAt + exponent] ?? "",
    };
  };
}

/** Of what is counted, thousands are marked before the unit: `1.23K req/s`. */
function counted(unit: string): Format {
  return scaled({ factor: 1000, suffixes: ["", "K", "M", "B", "T"].map((k) => `${k} ${unit}`) });
}

function plain(suffix: string, factor = 1): Format {
  return (value, decimals) => ({ number: formatDigits(value * factor, decimals), suffix });
}

const short = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"];
const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const decimal = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];

const units: Readonly<Record<string, Format>> = {
  none: plain(""),
  locale: (value, decimals) => ({
    number: value.toLocaleString(
      undefined,
      decimals === undefined ? {} : { maximumFractionDigits: decimals },
    ),
    suffix: "",
  }),
  short: scaled({ factor: 1000, suffixes: short }),
  ns: duration(nanoseconds),
  µs: duration(microseconds),
  ms: duration(milliseconds),
  // No time at all has no decimals in seconds, whatever is asked for.
  s: (value, decimals) =>
    value === 0 ? { number: "0", suffix: " s" } : inSeconds(value, decimals),
  m: duration(minutes),
  h: duration(hours),
  bytes: scaled({ factor: 1024, suffixes: binary.map((prefix) => ` ${prefix}B`) }),
  Bps: scaled({
    factor: 1000,
    suffixes: decimal.map((prefix) => ` ${prefix}B/s`),
    unitAt: decimal.indexOf(""),
  }),
  percent: plain("%"),
  percentunit: plain("%", 100),
  reqps: counted("req/s"),
  ops: counted("ops/s"),
};

/** A number in a unit. @param decimals as many as are given, else three digits that count. */
export function formatNumber(
  value: number,
  name: string | undefined = "none",
  decimals?: number,
): FormattedNumber {
  return getFormat(name)(value, decimals);
}

function getFormat(name: string): Format {
  if (name.startsWith("suffix:")) {
    return plain(` ${name.slice("suffix:".length)}`);
  }
  return (Object.hasOwn(units, name) ? units[name] : undefined) ?? plain(` ${name}`);
}

function formatDigits(value: number, decimals: number | undefined): string {
  if (!Number.isFinite(value)) {
    return value.toLocaleString();
  }
  const places = Math.max(0, decimals ?? placesThatCount(value));
  if (value === 0) {
    return value.toFixed(places);
  }
  const factor = 10 ** places;
  const rounded = String(Math.round(value * factor) / factor);
  if (rounded.includes("e")) {
    return rounded;
  }
  const [, fraction = ""] = rounded.split(".");
  const zeros = "0".repeat(Math.max(0, places - fraction.length));
  return zeros === "" || fraction !== "" ? `${rounded}${zeros}` : `${rounded}.${zeros}`;
}

/** So many that three digits are written; none of a whole number. */
function placesThatCount(value: number): number {
  if (value % 1 === 0) {
    return 0;
  }
  // This way of taking the logarithm is a hair below 3 for 1000, as Grafana's is.
  return Math.max(0, 2 - Math.floor(Math.log(Math.abs(value)) / Math.LN10));
}

export function formatText(value: number, unit?: string, decimals?: number): string {
  const { number, suffix } = formatNumber(value, unit, decimals);
  return `${number}${suffix}`;
}

/** The same at the tick of an axis: there, Grafana leaves out the zeros at the end that nobody asked for. */
export function tickText(value: number, unit?: string, decimals?: number): string {
  const { number, suffix } = formatNumber(value, unit, decimals);
  const isTrimmed = decimals === undefined && unit !== "locale" && !Number.isNaN(Number(number));
  return `${isTrimmed ? Number(number) : number}${suffix}`;
}
