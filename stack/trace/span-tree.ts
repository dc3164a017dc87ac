import type { Contract, Span } from "#contract";
import { plain, type Style } from "../command/terminal.ts";
import { attributeText } from "./attribute-text.ts";
import { formatDuration } from "./duration.ts";

export interface SpanTreeOptions {
  readonly columns?: number;
  readonly style?: Style;
}

interface Row {
  readonly span: Span;
  /** The lines of the tree before the name. */
  readonly branch: string;
}

const barColumns = 24;
/** Eighths of a column, so that short spans differ and long ones end where they end. */
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * Draws spans as a tree, a line each: name, duration, when it ran, what its stage found out.
 * Takes any spans; those whose parent is not among them are roots.
 */
export function drawSpanTree(
  contract: Contract,
  spans: readonly Span[],
  { columns = 100, style = plain }: SpanTreeOptions = {},
): string[] {
  const rows = rowsOf(spans);
  const nameColumns = Math.max(...rows.map(({ span, branch }) => (branch + span.name).length), 0);
  const period = periodOf(spans);
  return rows.map(({ span, branch }) => {
    const left = (branch + span.name).padEnd(nameColumns);
    const isError = span.status.code === "error";
    const duration = formatDuration(span.endTimeUnixNano - span.startTimeUnixNano).padStart(8);
    const bar = barOf(span, period);
    const used = nameColumns + 2 + duration.length + 2 + barColumns + 2;
    const facts = fit(factsOf(contract, span), columns - used);
    const name = isError ? style("red", left) : left;
    const line = `${name}  ${duration}  ${style(isError ? "red" : "cyan", bar)}  ${style("dim", facts)}`;
    return line.trimEnd();
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
    rows.push({ span, branch: ownBranch });
    const below = children.get(span.spanId) ?? [];
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
}

/** From the first start to the last end. */
function periodOf(spans: readonly Span[]): Period {
  const [first] = spans.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
  const start = first?.startTimeUnixNano ?? 0n;
  const ends = spans.map(({ endTimeUnixNano }) => Number(endTimeUnixNano - start));
  return { start, nanoseconds: Math.max(1, ...ends) };
}

/** Where in the period this span lies. */
function barOf(span: Span, period: Period): string {
  const scale = (barColumns * 8) / period.nanoseconds;
  const from = Math.round(Number(span.startTimeUnixNano - period.start) * scale);
  const to = Math.round(Number(span.endTimeUnixNano - period.start) * scale);
  const firstColumn = Math.min(barColumns - 1, Math.floor(from / 8));
  const length = Math.max(1, Math.min(barColumns * 8, to) - firstColumn * 8);
  const whole = "█".repeat(Math.floor(length / 8));
  return (" ".repeat(firstColumn) + whole + eighths[length % 8]).padEnd(barColumns);
}

/** What is worth a glance: what a span ends with, in the contract's order. */
function factsOf(contract: Contract, span: Span): string {
  const definition = Object.values(contract.spans).find(({ name }) => name === span.name);
  const keys = [...(definition?.onSuccess ?? []), ...(definition?.atEnd ?? [])].map(
    (identifier) => definition?.attributes[identifier]?.key,
  );
  return span.attributes
    .filter(({ key }) => keys.includes(key))
    .map(attributeText)
    .join(" ");
}

function fit(text: string, columns: number): string {
  if (text.length <= columns) {
    return text;
  }
  return columns < 8 ? "" : `${text.slice(0, columns - 1)}…`;
}
