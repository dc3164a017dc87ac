import type { Frame } from "./frame.ts";
import type { MetricsAnswer, MetricsSeries, WireValue } from "./tempo-answers.ts";

/** A frame a series, as Grafana's Tempo datasource makes them. Missing values of samples are zeros. */
export function rangeFrames({ series = [] }: MetricsAnswer): Frame[] {
  return series.map((entry) => {
    const samples = entry.samples ?? [];
    const name = nameOf(entry);
    return {
      name,
      fields: [
        timeField(samples.map(({ timestampMs }) => Number(timestampMs))),
        {
          name,
          ...valueField(
            entry,
            samples.map(({ value }) => numberOf(value)),
          ),
        },
      ],
    };
  });
}

/** A frame a series with its one value. @param atMs the end of the time range. */
export function instantFrames({ series = [] }: MetricsAnswer, atMs: number): Frame[] {
  return series.map((entry) => ({
    name: nameOf(entry),
    fields: [timeField([atMs]), { name: "value", ...valueField(entry, [numberOf(entry.value)]) }],
  }));
}

function timeField(values: readonly number[]) {
  return { name: "time", type: "time", values, config: {} } as const;
}

/** Its name in the configuration is one that a panel's defaults do not change. */
function valueField(entry: MetricsSeries, values: readonly (number | null)[]) {
  const labels = Object.fromEntries(
    (entry.labels ?? []).map(({ key, value }) => [key, quoted(value)]),
  );
  return { type: "number", values, labels, config: { displayName: nameOf(entry) } } as const;
}

/** Tempo writes what JSON has no number for as text. */
function numberOf(value: number | string = 0): number | null {
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** One label is a name by itself; of several, each says which it is. */
function nameOf({ labels = [] }: MetricsSeries): string {
  const [first] = labels;
  return labels.length === 1
    ? (first?.value?.stringValue ?? quoted(first?.value))
    : `{${labels.map(({ key, value }) => `${key}=${quoted(value)}`).join(", ")}}`;
}

/** A label in the language of queries: a text is in quotes, numbers and truth are not. */
function quoted({ stringValue, intValue, doubleValue, boolValue }: WireValue = {}): string {
  return stringValue === undefined
    ? String(intValue ?? doubleValue ?? boolValue ?? "nil")
    : JSON.stringify(stringValue);
}
