import { resolveColour, seriesColour, type Theme } from "./colours.ts";
import { createDisplay } from "./display.ts";
import { type Field, type Frame, findReducer, getDisplayName, toNumbers } from "./frame.ts";

/** A series as it is drawn. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly field: Field;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly isBars: boolean;
  readonly stacking: "none" | "normal" | "percent";
  readonly lineWidth: number;
  /** From 0 to 1. */
  readonly fillOpacity: number;
  readonly showsPoints: "never" | "auto" | "always";
  /** For how long a line goes on over a null, and up to how long a time without any sample is none. */
  readonly gapMs: { readonly spanned: number; readonly inserted: number };
  /** Lengths of strokes and of what is between them; of a line without any, undefined. */
  readonly dash: readonly number[] | undefined;
}

/** Each numeric field of a frame with times, as a series. */
export function createSeries(frames: readonly Frame[], theme: Theme): Series[] {
  const found = frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === "time");
    return times === undefined
      ? []
      : frame.fields
          .filter((field) => field.type === "number")
          .map((field) => ({ field, times: toNumbers(times).map((time) => time ?? 0) }));
  });
  return found.map(({ field, times }, index) => {
    const custom = (field.config.custom ?? {}) as CustomOptions;
    const stacking = custom.stacking?.mode;
    return {
      name: getDisplayName(field),
      colour: findFixedColour(field, theme) ?? seriesColour(index, theme),
      field,
      times,
      values: toNumbers(field),
      isBars: custom.drawStyle === "bars",
      stacking: stacking === "normal" || stacking === "percent" ? stacking : "none",
      lineWidth: custom.lineWidth ?? 1,
      fillOpacity: (custom.fillOpacity ?? 0) / 100,
      showsPoints: custom.showPoints ?? "auto",
      gapMs: readGapMs(custom),
      dash: custom.lineStyle?.fill === "dash" ? custom.lineStyle.dash : undefined,
    };
  });
}

/** That of its configuration; undefined for one of the palette, which it has if nothing is said. */
function findFixedColour(field: Field, theme: Theme): string | undefined {
  const { color } = field.config;
  if (color?.mode === "fixed") {
    return color.fixedColor === undefined ? undefined : resolveColour(color.fixedColor, theme);
  }
  const isByValue = color?.mode === "thresholds";
  return isByValue ? createDisplay(field.values.at(-1) ?? 0, field, theme).colour : undefined;
}

interface CustomOptions {
  readonly drawStyle?: string;
  readonly lineWidth?: number;
  readonly fillOpacity?: number;
  readonly showPoints?: "never" | "auto" | "always";
  readonly spanNulls?: boolean | number;
  readonly insertNulls?: boolean | number;
  readonly lineStyle?: { readonly fill?: string; readonly dash?: readonly number[] };
  readonly stacking?: { readonly mode?: string };
}

function readGapMs({ spanNulls = false, insertNulls = false }: CustomOptions): Series["gapMs"] {
  return {
    spanned: spanNulls === true ? Number.POSITIVE_INFINITY : Number(spanNulls),
    inserted: typeof insertNulls === "number" ? insertNulls : Number.POSITIVE_INFINITY,
  };
}

/** The values of a line, with one null in each gap and none anywhere else. */
export function withGaps({
  times,
  values,
  gapMs,
}: Pick<Series, "times" | "values" | "gapMs">): (readonly [number, number | null])[] {
  const points: (readonly [number, number | null])[] = [];
  let [last, hasNull] = [Number.NEGATIVE_INFINITY, false];
  for (const [index, time] of times.entries()) {
    const value = values[index] ?? null;
    if (value === null) {
      hasNull = true;
      continue;
    }
    const passed = time - last;
    const isNull = hasNull || passed > gapMs.inserted;
    if (points.length > 0 && isNull && passed >= gapMs.spanned) {
      points.push([last + 1, null]);
    }
    points.push([time, value]);
    [last, hasNull] = [time, false];
  }
  return points;
}

/**
 * Series of which the stacked ones have all the times that any of them has, so that what lies on each
 * other is of one time. Where one has no value it has none of its height.
 */
export function aligned(series: readonly Series[]): Series[] {
  const stacked = series.filter(({ stacking }) => stacking !== "none");
  const times = [...new Set(stacked.flatMap((one) => one.times))].sort((one, other) => one - other);
  return series.map((one) => {
    if (one.stacking === "none") {
      return one;
    }
    const values = new Map(one.times.map((time, index) => [time, one.values[index] ?? null]));
    return { ...one, times, values: times.map((time) => values.get(time) ?? null) };
  });
}

/**
 * The values of stacked series in parts of the sum at their time, from 0 to 1; those of any other series
 * as they are. Where the sum is 0 there is no part.
 */
export function inParts(series: readonly Series[]): (readonly (number | null)[])[] {
  const sums = new Map<number, number>();
  for (const { stacking, times, values } of series) {
    if (stacking === "percent") {
      for (const [index, time] of times.entries()) {
        sums.set(time, (sums.get(time) ?? 0) + (values[index] ?? 0));
      }
    }
  }
  return series.map(({ stacking, times, values }) =>
    stacking === "percent"
      ? values.map((value, index) => {
          const sum = sums.get(times[index] ?? 0) ?? 0;
          return value === null || sum === 0 ? null : value / sum;
        })
      : values,
  );
}

/** A series' value at a time, or undefined when it has none near enough. */
export function nearest(
  { times, values }: Pick<Series, "times" | "values">,
  atMs: number,
  toleranceMs: number,
): { readonly time: number; readonly value: number; readonly index: number } | undefined {
  let best: { time: number; value: number; index: number } | undefined;
  for (const [index, time] of times.entries()) {
    const value = values[index];
    const distance = Math.abs(time - atMs);
    if (typeof value === "number" && distance <= toleranceMs) {
      if (best === undefined || distance < Math.abs(best.time - atMs)) {
        best = { time, value, index };
      }
    }
  }
  return best;
}

/** The shortest time between two samples of any series; undefined when none has two. */
export function computeStep(series: readonly Pick<Series, "times">[]): number | undefined {
  const gaps = series.flatMap(({ times }) =>
    times.slice(1).map((time, index) => time - (times[index] ?? time)),
  );
  const positive = gaps.filter((gap) => gap > 0);
  return positive.length === 0 ? undefined : positive.reduce((one, other) => Math.min(one, other));
}

interface LegendRow {
  readonly series: Series;
  /** One for each column. */
  readonly values: readonly (number | null)[];
}

interface Sorting {
  readonly sortBy: string | undefined;
  readonly sortDesc: boolean;
}

/** What a legend says of each series beside its name, sorted by one of its columns. */
export function legendRows(
  series: readonly Series[],
  calculations: readonly string[],
  { sortBy, sortDesc }: Sorting,
): { readonly columns: readonly string[]; readonly rows: readonly LegendRow[] } {
  const reducers = calculations.flatMap((id) => findReducer(id) ?? []);
  const columns = reducers.map(({ label }) => label);
  const rows = series.map((one) => ({
    series: one,
    values: reducers.map(({ reduce }) => {
      const value = reduce(one.values);
      return typeof value === "number" ? value : null;
    }),
  }));
  const column = columns.indexOf(sortBy ?? "");
  const sortedBy = ({ values }: LegendRow) => values[column] ?? 0;
  const sign = sortDesc ? -1 : 1;
  return {
    columns,
    rows: rows.toSorted((one, other) => sign * (sortedBy(one) - sortedBy(other))),
  };
}
