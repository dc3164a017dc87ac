import { type Contract, durationOf, type Span, startOf } from "#contract";
import { plain, type Style } from "../command/terminal.ts";
import { formatDuration } from "./duration.ts";
import { nameColumn } from "./name-column.ts";
import { packWords } from "./pack-words.ts";
import { slotWaits } from "./slot-wait.ts";
import { factsOf } from "./span-facts.ts";

export interface SpanTreeOptions {
  readonly columns?: number;
  readonly style?: Style;
}

interface Row {
  readonly span: Span;
  /** The lines of the tree before the name. */
  readonly branch: string;
  /** The lines of the tree before what goes on below. */
  readonly below: string;
}

const widestBar = 24;
const narrowBar = 16;
/** Eighths of a column, so that short spans differ and long ones end where they end. */
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * Draws spans as a tree: name, duration, when it ran, what its stage found out, which goes on below
 * where the columns end. The wait for a slot has a line of its own, although it is no span.
 * Takes any spans; those whose parent is not among them are roots.
 */
export function drawSpanTree(
  contract: Contract,
  spans: readonly Span[],
  { columns = 100, style = plain }: SpanTreeOptions = {},
): string[] {
  const waits = new Set(slotWaits(contract, spans));
  const rows = rowsOf([...spans, ...waits]);
  const nameColumns = Math.max(
    ...rows.map(({ span, branch }) => (branch + nameColumn(span)).length),
    0,
  );
  const period = periodOf(spans, columns < 100 ? narrowBar : widestBar);
  return rows.flatMap(({ span, branch, below }) => {
    const isWait = waits.has(span);
    const isError = span.status.code === "error";
    const left = (branch + nameColumn(span)).padEnd(nameColumns);
    const duration = formatDuration(durationOf(span)).padStart(8);
    const bar = isWait ? waitBarOf(span, period) : barOf(span, period);
    const used = `${left}  ${duration}  ${bar}  `.length;
    const [beside = "", ...more] = packWords(factsOf(contract, span), {
      first: columns - used,
      rest: columns - below.length,
    });
    const name = isError ? style("red", left) : left;
    const drawnBar = style(isError ? "red" : isWait ? "yellow" : "cyan", bar);
    return [
      `${name}  ${duration}  ${drawnBar}  ${style("dim", beside)}`.trimEnd(),
      ...more.map((line) => below + style("dim", line)),
    ];
  });
}

function rowsOf(spans: readonly Span[]): Row[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const byStart = spans.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
  const children = Map.groupBy(byStart, ({ parentSpanId }) =>
    parentSpanId !== null && ids.has(parentSpanId) ? parentSpanId : null,
  );
  const rows: Row[] = [];
  const drawn = new Set<Span>();
  const visit = (span: Span, indent: string, ownBranch: string) => {
    if (drawn.has(span)) {
      return;
    }
    drawn.add(span);
    const below = children.get(span.spanId) ?? [];
    rows.push({ span, branch: ownBranch, below: indent + (below.length > 0 ? "│  " : "   ") });
    below.forEach((child, index) => {
      const isLast = index === below.length - 1;
      visit(child, `${indent}${isLast ? "   " : "│  "}`, `${indent}${isLast ? "└─ " : "├─ "}`);
    });
  };
  for (const root of children.get(null) ?? []) {
    visit(root, "", "");
  }
  // Parents in a circle have no root to be reached from.
  for (const span of byStart) {
    visit(span, "", "");
  }
  return rows;
}

interface Period {
  readonly start: bigint;
  readonly nanoseconds: number;
  /** How many columns it is drawn in. */
  readonly columns: number;
}

/** From the first start to the last end. */
function periodOf(spans: readonly Span[], columns: number): Period {
  const start = startOf(spans);
  const ends = spans.map(({ endTimeUnixNano }) => Number(endTimeUnixNano - start));
  return { start, nanoseconds: Math.max(1, ...ends), columns };
}

/** Where in the period this span lies. */
function barOf(span: Span, period: Period): string {
  const { columns } = period;
  const { from, to } = eighthsOf(span, period);
  const firstColumn = Math.min(columns - 1, Math.floor(from / 8));
  const length = Math.max(1, Math.min(columns * 8, to) - firstColumn * 8);
  const whole = "█".repeat(Math.floor(length / 8));
  return (" ".repeat(firstColumn) + whole + eighths[length % 8]).padEnd(columns);
}

/** The same for time in which nothing was done. */
function waitBarOf(span: Span, period: Period): string {
  const { columns } = period;
  const { from, to } = eighthsOf(span, period);
  const firstColumn = Math.max(0, Math.min(columns - 1, Math.floor(from / 8)));
  const length = Math.max(1, Math.round(Math.min(columns * 8, to) / 8) - firstColumn);
  return (" ".repeat(firstColumn) + "░".repeat(length)).padEnd(columns);
}

function eighthsOf(span: Span, { start, nanoseconds, columns }: Period) {
  const scale = (columns * 8) / nanoseconds;
  const place = (time: bigint) => Math.max(0, Math.round(Number(time - start) * scale));
  const from = place(span.startTimeUnixNano);
  return { from, to: Math.max(from, place(span.endTimeUnixNano)) };
}
