import { resolveColour, type Theme } from "./colours.ts";
import type { MappingJson } from "./dashboard.ts";
import { parsePattern } from "./field-config.ts";
import type { Cell, Field } from "./frame.ts";
import { localTime } from "./time-range.ts";
import { formatNumber } from "./units.ts";

/** A value as it is shown. */
export interface Display {
  readonly text: string;
  /** The unit behind the text; "" for none. */
  readonly suffix: string;
  /** Of a mapping, the field or a threshold; undefined for that of a series. */
  readonly colour: string | undefined;
}

/** What of a field says how its values are shown. */
export type Shown = Pick<Field, "config" | "type"> & Partial<Pick<Field, "values">>;

/** A value in the words of its field's configuration: mapped, in its unit, coloured. As in Grafana. */
export function createDisplay(value: Cell, field: Shown, theme: Theme): Display {
  const mapped = findMapping(value, field.config.mappings ?? []);
  const number = toNumber(value, field);
  const named = mapped?.color ?? ownColour(number, field);
  const colour = named === undefined ? undefined : resolveColour(named, theme);
  if (typeof mapped?.text === "string") {
    return { text: mapped.text, suffix: "", colour };
  }
  if (number === undefined || typeof value === "boolean") {
    const text = value === null ? "" : String(value);
    return { text: text || (field.config.noValue ?? ""), suffix: "", colour };
  }
  if (field.type === "time") {
    return { text: localTime(number, { withMilliseconds: isShort(field) }), suffix: "", colour };
  }
  const formatted = formatNumber(number, field.config.unit, field.config.decimals);
  return { text: formatted.number, suffix: formatted.suffix, colour };
}

/** What a value is as a number: a text is one where its field has a unit. */
function toNumber(value: Cell, { type, config: { unit } }: Shown): number | undefined {
  const isText = type !== "time" && (unit === "string" || (type === "string" && !unit));
  const number = value === null || value === "" || isText ? Number.NaN : Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** Times have milliseconds where they would look the same without: within a minute. */
function isShort({ values = [] }: Shown): boolean {
  const [first = 0, last = 0] = [values[0] ?? 0, values.at(-1) ?? 0];
  return values.length > 1 && Math.abs(Number(last) - Number(first)) < 60_000;
}

interface Mapped {
  readonly text?: string;
  readonly color?: string;
}

/** What a value is mapped to: by value, range, pattern, or what is special about it. */
function findMapping(value: Cell, mappings: readonly MappingJson[]): Mapped | undefined {
  for (const { type, options } of mappings) {
    const found = Object.hasOwn(kindsOfMapping, type)
      ? kindsOfMapping[type]?.(value, options)
      : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

type Mapping = (value: Cell, options: unknown) => Mapped | undefined;

const kindsOfMapping: Readonly<Record<string, Mapping>> = {
  value: (value, options) => {
    const map = options as Readonly<Record<string, Mapped>> | undefined;
    const key = String(value);
    return map !== undefined && value !== null && Object.hasOwn(map, key) ? map[key] : undefined;
  },
  range: (value, options) => {
    const range = options as { from?: number | null; to?: number | null; result?: Mapped };
    const number = Number.parseFloat(String(value));
    const isWithin =
      number >= (range.from ?? Number.NEGATIVE_INFINITY) &&
      number <= (range.to ?? Number.POSITIVE_INFINITY);
    return isWithin ? range.result : undefined;
  },
  regex: (value, options) => {
    const { pattern = "", result = {} } = options as { pattern?: string; result?: Mapped };
    const found = typeof value === "string" ? parsePattern(pattern) : undefined;
    if (found === undefined || typeof value !== "string" || !found.test(value)) {
      return undefined;
    }
    const { text } = result;
    return typeof text === "string" ? { ...result, text: value.replace(found, text) } : result;
  },
  special: (value, options) => {
    const { match = "", result } = options as { match?: string; result?: Mapped };
    return listSpecialNames(value).includes(match) ? result : undefined;
  },
};

function listSpecialNames(value: Cell): readonly string[] {
  if (value === null) {
    return ["null", "null+nan"];
  }
  if (value === "") {
    return ["empty"];
  }
  return typeof value === "boolean" || value === "true" || value === "false" ? [String(value)] : [];
}

/** Those of a field that says nothing of them. */
const usualThresholds = {
  mode: "absolute",
  steps: [
    { value: null, color: "green" },
    { value: 80, color: "red" },
  ],
} as const;

/** The field's only colour, or that of the highest step which the number has reached. */
function ownColour(
  number: number | undefined,
  { type, config: { color, thresholds, min, max } }: Shown,
): string | undefined {
  if (color?.mode === "fixed") {
    return color.fixedColor;
  }
  if (color !== undefined && color.mode !== "thresholds") {
    return undefined;
  }
  const { mode, steps = [] } = thresholds ?? usualThresholds;
  const isShare = mode === "percentage";
  // Which there are none of without both, which `configureFields` says.
  if (isShare && type === "number" && (min === undefined || max === undefined)) {
    return undefined;
  }
  const [least, most] = [min ?? 0, max ?? 100];
  const measured = isShare ? (((number ?? least) - least) / (most - least)) * 100 : number;
  const reached = steps.findLast(
    ({ value: from }) => from === null || (measured !== undefined && measured >= from),
  );
  return (reached ?? steps[0])?.color;
}
