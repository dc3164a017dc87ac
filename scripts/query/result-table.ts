import type { TempoAttribute, TempoMetricsAnswer, TempoSearchAnswer } from "../../stack/index.ts";

/** A row for each span found: its trace, when, how long, its name, and what the query asks for. */
export function searchTable({ traces = [] }: TempoSearchAnswer): string[] {
  const rows = traces.flatMap((trace) =>
    (trace.spanSets ?? []).flatMap((spanSet) =>
      spanSet.spans.map((span) => ({
        trace: trace.traceID.padStart(32, "0"),
        started: timeOf(span.startTimeUnixNano),
        duration: durationOf(span.durationNanos),
        name: span.name ?? "",
        root: [trace.rootServiceName, trace.rootTraceName].filter(Boolean).join(" "),
        ...textsOf(spanSet.attributes),
        ...textsOf(span.attributes),
      })),
    ),
  );
  return drawTable(rows);
}

/** A row for each series: its labels and its value. */
export function metricsTable({ series = [] }: TempoMetricsAnswer): string[] {
  return drawTable(
    series.map(({ labels, value = 0 }) => ({ ...textsOf(labels), value: numberText(value) })),
  );
}

function textsOf(attributes: readonly TempoAttribute[] = []): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, String(Object.values(value)[0] ?? "")]),
  );
}

function numberText(value: number | string): string {
  return String(Number(Number(value).toPrecision(6)));
}

function timeOf(unixNano: string): string {
  return new Date(Number(BigInt(unixNano) / 1_000_000n)).toISOString();
}

function durationOf(nanoseconds: string): string {
  const milliseconds = Number(nanoseconds) / 1e6;
  return milliseconds >= 1000
    ? `${(milliseconds / 1000).toFixed(2)} s`
    : `${milliseconds.toFixed(milliseconds >= 10 ? 0 : 2)} ms`;
}

/** Columns in the order in which they come up; one that is empty everywhere is left out. */
function drawTable(rows: readonly Record<string, string>[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) =>
    rows.some((row) => (row[name] ?? "") !== ""),
  );
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ""))];
  const widths = names.map((_, index) =>
    Math.max(...lines.map((cells) => (cells[index] ?? "").length)),
  );
  return lines.map((cells) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
