import type { Spread } from "./statistics.ts";

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
