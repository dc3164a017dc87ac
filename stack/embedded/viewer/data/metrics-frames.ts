import type { Frame } from "./frame.ts";
import { cellOf, type MetricsAnswer, type MetricsSeries } from "./tempo-answers.ts";

/** A frame a series: its times and its values. Missing values of samples are zeros. */
export function rangeFrames({ series = [] }: MetricsAnswer): Frame[] {
  return series.map((entry) => {
    const samples = entry.samples ?? [];
    const labels = labelsOf(entry);
    const name = nameOf(labels);
    return {
      name,
      fields: [
        timeField(samples.map(({ timestampMs }) => Number(timestampMs))),
        {
          ...valueField(
            name,
            samples.map(({ value }) => numberOf(value)),
          ),
          labels,
        },
      ],
    };
  });
}

/** A frame a series with its one value. @param atMs the end of the time range. */
export function instantFrames({ series = [] }: MetricsAnswer, atMs: number): Frame[] {
  return series.map((entry) => {
    const labels = labelsOf(entry);
    const name = nameOf(labels);
    return {
      name,
      fields: [timeField([atMs]), { ...valueField(name, [numberOf(entry.value)]), labels }],
    };
  });
}

function timeField(values: readonly number[]) {
  return { name: "time", type: "time", values, config: {} } as const;
}

/** Grafana's datasource names the values as well, which a panel's defaults do not change. */
function valueField(displayName: string, values: readonly (number | null)[]) {
  return { name: "value", type: "number", values, config: { displayName } } as const;
}

/** Tempo writes what JSON has no number for as text. */
function numberOf(value: number | string = 0): number | null {
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function labelsOf({ labels = [] }: MetricsSeries): Record<string, string> {
  return Object.fromEntries(labels.map(({ key, value }) => [key, String(cellOf(value) ?? "nil")]));
}

/** One label is a name by itself; of several, each says which it is. */
function nameOf(labels: Readonly<Record<string, string>>): string {
  const entries = Object.entries(labels).filter(([key]) => key !== "__name__");
  const [first] = entries;
  if (first === undefined) {
    return labels.__name__ ?? "value";
  }
  return entries.length === 1
    ? first[1]
    : `{${entries.map(([key, value]) => `${key}="${value}"`).join(", ")}}`;
}
