import type { Cell, Field, Frame } from "./frame.ts";
import {
  type FoundSpan,
  type FoundTrace,
  type MetricsAnswer,
  type MetricsSeries,
  type SearchAnswer,
  type WireValue,
  wholeTraceId,
} from "./tempo-answers.ts";

interface FoundRow {
  readonly trace: FoundTrace;
  readonly span: FoundSpan;
  readonly attributes: ReadonlyMap<string, Cell>;
}

/**
 * A search as a table with a row a span, those of the newest trace first. The columns have the names, types
 * and settings that Grafana's Tempo datasource gives them, since the overrides and links of dashboards use
 * those: `traceIdHidden`, `traceService`, `traceName`, `spanID`, `time`, `name`, each attribute by its key,
 * `duration`. Attributes are texts there, whatever their type.
 */
export function spansFrame({ traces = [] }: SearchAnswer): Frame {
  const rows = traces.toSorted(byNewest).flatMap(createRows);
  const keys = [...new Set(rows.flatMap(({ attributes }) => [...attributes.keys()]))];
  const hasNames = rows.some(({ span }) => Boolean(span.name));
  const column = (name: string, config: Field["config"], cellFor: (row: FoundRow) => Cell) => ({
    name,
    type: "string" as const,
    values: rows.map(cellFor),
    config,
  });
  const sized = { custom: { width: 200 } };
  return {
    name: "Spans",
    fields: [
      column("traceIdHidden", { custom: { hidden: true } }, ({ trace }) =>
        wholeTraceId(trace.traceID),
      ),
      column(
        "traceService",
        { ...named("Trace Service"), ...sized },
        ({ trace }) => trace.rootServiceName ?? "",
      ),
      column(
        "traceName",
        { ...named("Trace Name"), ...sized },
        ({ trace }) => trace.rootTraceName ?? "",
      ),
      column(
        "spanID",
        { ...named("Span ID"), unit: "string", ...sized, links: [spanLink] },
        (row) => row.span.spanID,
      ),
      { ...column("time", named("Start time"), ({ span }) => milliseconds(span)), type: "time" },
      column(
        "name",
        { ...named("Name"), custom: { hidden: !hasNames } },
        ({ span }) => span.name ?? null,
      ),
      ...keys
        .toSorted((one, other) => one.localeCompare(other))
        .map((key) => column(key, named(key), ({ attributes }) => attributes.get(key) ?? null)),
      {
        ...column(
          "duration",
          { ...named("Duration"), unit: "ns", custom: { width: 120 } },
          ({ span }) => Number(span.durationNanos ?? 0),
        ),
        type: "number",
      },
    ],
  };
}

/** Where Grafana opens the trace at its span, in Explore. */
const spanLink = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are Grafana's variables.
  title: "Span: ${__value.raw}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are Grafana's variables.
  url: "/trace/${__data.fields.traceIdHidden}?span=${__value.raw}",
};

function named(displayNameFromDS: string): Field["config"] {
  return { displayNameFromDS };
}

function byNewest(one: FoundTrace, other: FoundTrace): number {
  return milliseconds(other) - milliseconds(one);
}

function createRows(trace: FoundTrace): FoundRow[] {
  const sets = trace.spanSets ?? (trace.spanSet === undefined ? [] : [trace.spanSet]);
  return sets.flatMap(({ spans = [], attributes: ofSet = [] }) =>
    spans.map((span) => ({
      trace,
      span,
      attributes: new Map(
        [...ofSet, ...(span.attributes ?? [])].map(({ key, value }) => [key, toCell(value)]),
      ),
    })),
  );
}

function milliseconds({ startTimeUnixNano = "0" }: FoundSpan | FoundTrace): number {
  return Number(startTimeUnixNano) / 1e6;
}

/** The datasource leaves out false, zeros that are no integers, and lists: their cells are empty. */
function toCell({ stringValue, intValue, doubleValue, boolValue }: WireValue = {}): Cell {
  const integer = intValue === undefined || intValue === 0 ? undefined : String(intValue);
  const number = doubleValue === undefined ? undefined : Number(doubleValue);
  return stringValue || integer || number || boolValue || null;
}

/** A frame a series, as Grafana's Tempo datasource makes them. Missing values of samples are zeros. */
export function rangeFrames({ series = [] }: MetricsAnswer): Frame[] {
  return series.map((entry) => {
    const samples = entry.samples ?? [];
    const name = formatSeriesName(entry);
    return {
      name,
      fields: [
        timeField(samples.map(({ timestampMs }) => Number(timestampMs))),
        {
          name,
          ...valueField(
            entry,
            samples.map(({ value }) => toNumberOrNull(value)),
          ),
        },
      ],
    };
  });
}

/** A frame a series with its one value. @param atMs the end of the time range. */
export function instantFrames({ series = [] }: MetricsAnswer, atMs: number): Frame[] {
  return series.map((entry) => ({
    name: formatSeriesName(entry),
    fields: [
      timeField([atMs]),
      { name: "value", ...valueField(entry, [toNumberOrNull(entry.value)]) },
    ],
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
  return {
    type: "number",
    values,
    labels,
    config: { displayName: formatSeriesName(entry) },
  } as const;
}

/** Tempo writes what JSON has no number for as text. */
function toNumberOrNull(value: number | string = 0): number | null {
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** One label is a name by itself; of several, each says which it is. */
function formatSeriesName({ labels = [] }: MetricsSeries): string {
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
