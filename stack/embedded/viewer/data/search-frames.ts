import type { Cell, Field, FieldType, Frame } from "./frame.ts";
import {
  cellOf,
  type FoundSpan,
  type FoundTrace,
  type SearchAnswer,
  wholeTraceId,
} from "./tempo-answers.ts";

interface FoundRow {
  readonly trace: FoundTrace;
  readonly span: FoundSpan;
  readonly attributes: ReadonlyMap<string, Cell>;
}

/**
 * A search as a table with a row a span. The columns have the names that Grafana's Tempo datasource
 * gives them, since the overrides and links of dashboards use those: `traceIdHidden`, `traceService`,
 * `traceName`, `spanID`, `time`, `name`, each attribute by its key, `duration`.
 */
export function spansFrame(answer: SearchAnswer): Frame {
  const rows = (answer.traces ?? []).flatMap(rowsOf);
  const keys = [...new Set(rows.flatMap(({ attributes }) => [...attributes.keys()]))].sort();
  const hasName = rows.some(({ span }) => span.name !== undefined && span.name !== "");
  const column = (
    name: string,
    cellFor: (row: FoundRow) => Cell,
    config: Field["config"] = {},
    type?: FieldType,
  ): Field => {
    const values = rows.map(cellFor);
    return { name, values, config, type: type ?? typeOf(values) };
  };
  return {
    fields: [
      column("traceIdHidden", ({ trace }) => wholeTraceId(trace.traceID), hidden, "string"),
      column("traceService", ({ trace }) => trace.rootServiceName ?? "", named("Trace Service")),
      column("traceName", ({ trace }) => trace.rootTraceName ?? "", named("Trace Name")),
      column("spanID", ({ span }) => span.spanID, named("Span ID"), "string"),
      column("time", ({ span }) => milliseconds(span), named("Start time"), "time"),
      ...(hasName ? [column("name", ({ span }) => span.name ?? "", named("Name"))] : []),
      ...keys.map((key) => column(key, ({ attributes }) => attributes.get(key) ?? null)),
      column(
        "duration",
        ({ span }) => Number(span.durationNanos ?? 0),
        { ...named("Duration"), unit: "ns" },
        "number",
      ),
    ],
  };
}

const hidden = { custom: { hideFrom: { viz: true } } };

function named(displayName: string): Field["config"] {
  return { displayName };
}

function rowsOf(trace: FoundTrace): FoundRow[] {
  const sets = trace.spanSets ?? (trace.spanSet === undefined ? [] : [trace.spanSet]);
  return sets.flatMap(({ spans = [], attributes: ofSet = [] }) =>
    spans.map((span) => ({
      trace,
      span,
      attributes: new Map(
        [...ofSet, ...(span.attributes ?? [])].map(({ key, value }) => [key, cellOf(value)]),
      ),
    })),
  );
}

function milliseconds({ startTimeUnixNano = "0" }: FoundSpan): number {
  return Number(BigInt(startTimeUnixNano) / 1_000n) / 1_000;
}

/** What all values of a column are; text where they differ. */
function typeOf(values: readonly Cell[]): FieldType {
  const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  const [only] = kinds;
  return kinds.size === 1 && (only === "number" || only === "boolean") ? only : "string";
}
