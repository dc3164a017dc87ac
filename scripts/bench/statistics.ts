/** A number of measurements in a few words. All in the unit of what was measured. */
export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError for no values at all: nothing was measured, and 0 would look like a figure. */
export function computeSpread(values: readonly number[]): Spread {
  const sorted = sortedNumbers(values);
  return {
    count: sorted.length,
    median: median(sorted),
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
  };
}

/** The value that half are below: of an even number the middle between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = sortedNumbers(values);
  const upper = Math.floor(sorted.length / 2);
  const lower = Math.ceil(sorted.length / 2) - 1;
  return ((sorted[lower] as number) + (sorted[upper] as number)) / 2;
}

/** The smallest value that at least this share (0 to 1) of all values do not exceed: nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = sortedNumbers(values);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] as number;
}

function sortedNumbers(values: readonly number[]): number[] {
  if (values.length === 0) {
    throw new RangeError("There are no values to sum up.");
  }
  return values.toSorted((left, right) => left - right);
}

/** "54.1 (53.0 to 55.2)": the median, and in brackets the least and the most. */
export function formatSpread({ median, min, max }: Spread, decimals: number): string {
  const [middle, least, most] = [median, min, max].map((value) => value.toFixed(decimals));
  return `${middle} (${least} to ${most})`;
}

/** A table as Markdown has it, which a person can read as it is. */
export function formatTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => (row[index] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, index) => (cells[index] ?? "").padEnd(width)).join(" | ")} |`;
  return [
    line(columns),
    `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`,
    ...rows.map(line),
  ];
}

export function formatMs(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 1 : 0);
}

/** 139916 → "139,916", the same on every machine. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}
