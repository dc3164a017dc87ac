import { colourOf, type Theme } from "./colours.ts";
import type { FieldConfig, MappingJson } from "./dashboard.ts";
import type { Cell, Field } from "./frame.ts";
import { localTime } from "./time-range.ts";
import { formatNumber } from "./units.ts";

/** A value as it is shown. */
export interface Display {
  readonly text: string;
  /** The unit behind the text; "" for none. */
  readonly suffix: string;
  /** Of a mapping or a threshold. */
  readonly colour: string | undefined;
}

/** A value in the words of its field's configuration: mapped, in its unit, coloured. */
export function displayOf(
  value: Cell,
  field: Pick<Field, "config" | "type">,
  theme: Theme,
): Display {
  const { config } = field;
  const mapped = mappingOf(value, config.mappings ?? []);
  const named = mapped?.color ?? thresholdColour(value, config);
  const colour = named === undefined ? undefined : colourOf(named, theme);
  if (mapped?.text !== undefined && mapped.text !== "") {
    return { text: mapped.text, suffix: "", colour };
  }
  return { ...formatCell(value, field), colour };
}

function formatCell(value: Cell, { config, type }: Pick<Field, "config" | "type">) {
  if (value === null) {
    return { text: config.noValue ?? "", suffix: "" };
  }
  if (type === "time" && typeof value === "number") {
    return { text: localTime(value, { withMilliseconds: true }), suffix: "" };
  }
  if (typeof value === "number") {
    const { number, suffix } = formatNumber(value, config.unit, config.decimals);
    return { text: number, suffix };
  }
  return { text: String(value), suffix: "" };
}

interface Mapped {
  readonly text?: string;
  readonly color?: string;
}

/** What a value is mapped to. Known are values, ranges and the special `null`. */
function mappingOf(value: Cell, mappings: readonly MappingJson[]): Mapped | undefined {
  for (const { type, options } of mappings) {
    const found =
      type === "value"
        ? valueMapping(value, options)
        : type === "range"
          ? rangeMapping(value, options)
          : type === "special"
            ? specialMapping(value, options)
            : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function valueMapping(value: Cell, options: unknown): Mapped | undefined {
  const map = options as Readonly<Record<string, Mapped>> | undefined;
  const key = String(value);
  return map !== undefined && value !== null && Object.hasOwn(map, key) ? map[key] : undefined;
}

function rangeMapping(value: Cell, options: unknown): Mapped | undefined {
  const range = options as { from?: number | null; to?: number | null; result?: Mapped };
  const isWithin =
    typeof value === "number" &&
    value >= (range.from ?? Number.NEGATIVE_INFINITY) &&
    value <= (range.to ?? Number.POSITIVE_INFINITY);
  return isWithin ? range.result : undefined;
}

function specialMapping(value: Cell, options: unknown): Mapped | undefined {
  const { match, result } = options as { match?: string; result?: Mapped };
  return value === null && (match === "null" || match === "null+nan") ? result : undefined;
}

/**
 * The colour of the highest step that a value has reached. Percentages are of the way from the field's
 * least to its most; without both there is none, which `configureFields` says.
 */
function thresholdColour(value: Cell, { thresholds, min, max }: FieldConfig): string | undefined {
  if (thresholds === undefined) {
    return undefined;
  }
  const isShare = thresholds.mode === "percentage";
  if (isShare && (min === undefined || max === undefined)) {
    return undefined;
  }
  const [least, most] = [min ?? 0, max ?? 100];
  const measured = (number: number) =>
    isShare ? ((number - least) / (most - least)) * 100 : number;
  const reached = (thresholds.steps ?? []).findLast(
    ({ value: from }) => from === null || (typeof value === "number" && measured(value) >= from),
  );
  return reached?.color;
}
