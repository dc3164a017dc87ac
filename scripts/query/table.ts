import { shortText } from "#contract";
import { formatDuration, type TempoAttribute, type TempoValue } from "../../stack/index.ts";

/** A column of text, with a cell for each row. */
export interface Column {
  readonly heading: string;
  readonly cells: readonly string[];
  /** Numbers stand at the right, so that they can be compared by eye. */
  readonly align?: "left" | "right";
  /** Whether long cells may lose their ends where there is little room. */
  readonly mayBeCut?: boolean;
}

const gap = "  ";
/** A column that is cut keeps so many characters. */
const leastWidth = 14;
/** A heading that is no wider stays on one line. */
const leastHeading = 12;

/**
 * The columns side by side under their headings, or undefined when they do not fit into the width:
 * first headings are broken over lines, then long cells are cut. A column that is empty everywhere
 * is left out.
 */
export function drawTable(columns: readonly Column[], width: number): string[] | undefined {
  const shown = columns.filter(({ cells }) => cells.some((cell) => cell !== ""));
  const whole = shown.map((column) => ({ ...column, lines: [column.heading] }));
  if (measureWidth(whole) <= width) {
    return draw(whole);
  }
  const broken = shown.map((column) => ({ ...column, lines: breakHeading(column) }));
  const cut = cutToFit(broken, width);
  return measureWidth(cut) <= width ? draw(cut) : undefined;
}

interface Headed extends Column {
  /** The heading, from the top to the bottom. */
  readonly lines: readonly string[];
}

function columnWidth({ lines, cells }: Headed): number {
  return Math.max(...[...lines, ...cells].map(measureLength));
}

function measureWidth(columns: readonly Headed[]): number {
  const cells = columns.reduce((sum, column) => sum + columnWidth(column), 0);
  return cells + gap.length * Math.max(0, columns.length - 1);
}

/** `llm.decode.mean_step_ms` over two lines, broken behind a dot. */
function breakHeading({ heading, cells }: Column): string[] {
  const width = Math.max(leastHeading, ...cells.map(measureLength));
  const lines = [""];
  for (const piece of heading.match(/[^.]+\.?|\./g) ?? [heading]) {
    const longer = `${lines.at(-1)}${piece}`;
    if (lines.at(-1) === "" || measureLength(longer) <= width) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(piece);
    }
  }
  return lines;
}

/** Takes the room that is missing from the widest columns that may be cut. */
function cutToFit(columns: readonly Headed[], width: number): Headed[] {
  const widths = columns.map(columnWidth);
  const isCuttable = (index: number) =>
    columns[index]?.mayBeCut === true && (widths[index] ?? 0) > leastWidth;
  for (let excess = measureWidth(columns) - width; excess > 0; excess -= 1) {
    const candidates = [...widths.keys()].filter(isCuttable);
    if (candidates.length === 0) {
      break;
    }
    const widest = candidates.reduce((one, other) =>
      (widths[other] ?? 0) > (widths[one] ?? 0) ? other : one,
    );
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return columns.map((column, index) => ({
    ...column,
    cells: column.cells.map((cell) =>
      column.mayBeCut ? cutText(cell, widths[index] ?? leastWidth) : cell,
    ),
  }));
}

function draw(columns: readonly Headed[]): string[] {
  const widths = columns.map(columnWidth);
  const heights = columns.map(({ lines }) => lines.length);
  const headings = Array.from({ length: Math.max(0, ...heights) }, (_, row) =>
    // A short heading stands just above its cells.
    columns.map(({ lines }) => lines[row - (Math.max(...heights) - lines.length)] ?? ""),
  );
  const rows = (columns[0]?.cells ?? []).map((_, row) =>
    columns.map(({ cells }) => cells[row] ?? ""),
  );
  return [...headings, ...rows].map((cells) =>
    cells
      .map((cell, index) => {
        const padding = " ".repeat(Math.max(0, (widths[index] ?? 0) - measureLength(cell)));
        return columns[index]?.align === "right" ? padding + cell : cell + padding;
      })
      .join(gap)
      .trimEnd(),
  );
}

/** As many characters as fit, the last of them an ellipsis where some are missing. */
export function cutText(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}

function measureLength(text: string): number {
  return [...text].length;
}

/** A value for a person: what cannot be seen is escaped, because a terminal would obey it. */
export function valueText(value: TempoValue | undefined): string {
  const [type, content] = Object.entries(value ?? {})[0] ?? [];
  switch (type) {
    case "doubleValue":
      return numberText(Number(content));
    case "arrayValue":
      return shortText(`[${(value?.arrayValue?.values ?? []).map(valueText).join(", ")}]`);
    case "kvlistValue":
      return shortText(`{${(value?.kvlistValue?.values ?? []).map(attributeText).join(", ")}}`);
    default:
      return shortText(String(content ?? ""));
  }
}

function attributeText({ key, value }: TempoAttribute): string {
  return `${key}=${valueText(value)}`;
}

export function isNumber(value: TempoValue | undefined): boolean {
  return value?.intValue !== undefined || value?.doubleValue !== undefined;
}

/** Six digits are what a person reads. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Metrics give durations in seconds. */
export function secondsText(seconds: number): string {
  return Number.isFinite(seconds)
    ? formatDuration(BigInt(Math.round(seconds * 1e9)))
    : String(seconds);
}
