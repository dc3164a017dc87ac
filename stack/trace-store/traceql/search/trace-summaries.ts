import type { DuckDBValue } from "@duckdb/node-api";
import type { FoundTrace } from "../answer.ts";
import { compare, earlier, later } from "./first-spans.ts";

export type Run = (sql: string) => Promise<DuckDBValue[][]>;
export type TraceSummary = Omit<FoundTrace, "spansets">;

/** Where the span without a parent has not come, or never will. */
const noRoot = "<root span not yet received>";

/** Between which times all spans of some traces start: little besides has to be read then. */
export interface StartBounds {
  readonly first: bigint;
  readonly last: bigint;
}

/** @param traceIds As DuckDB writes them, at least one. */
export async function locateTraces(traceIds: Iterable<string>, run: Run): Promise<StartBounds> {
  const [[first] = [], [last] = []] = (await run(
    `SELECT min(start_ns), max(start_ns) FROM spans WHERE trace_id IN (${idList(traceIds)})`,
  )) as (bigint | null)[][];
  return { first: first ?? 0n, last: last ?? 0n };
}

/** A condition on `spans s` for all spans of these traces, which are within the bounds. */
export function spansOfTraces(traceIds: Iterable<string>, { first, last }: StartBounds): string {
  return `s.start_ns BETWEEN ${first} AND ${last} AND s.trace_id IN (${idList(traceIds)})`;
}

/** @param traceIds As DuckDB writes them, at least one. */
export function idList(traceIds: Iterable<string>): string {
  return Array.from(traceIds, (id) => `CAST('${id}' AS UUID)`).join(", ");
}

/** What the spans of one service are in a trace. */
export interface ServicePart {
  readonly traceId: string;
  readonly service: FoundTrace["services"][number];
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly root: {
    readonly name: string;
    readonly startNs: bigint;
    readonly spanId: bigint;
  } | null;
}

/** @param where Holds for all spans of the traces. The answer has their ids as 32 hexadecimal digits. */
export async function readTraceSummaries(where: string, run: Run): Promise<TraceSummary[]> {
  return summarize(await readServiceParts(where, run));
}

export function summarize(allParts: readonly ServicePart[]): TraceSummary[] {
  const byTrace = Map.groupBy(allParts, ({ traceId }) => traceId);
  return [...byTrace].map(([traceId, ofServices]) => {
    const parts = ofServices.sort((one, other) => compare(one.service.name, other.service.name));
    const startNs = parts.map((part) => part.startNs).reduce(earlier);
    const endNs = parts.map((part) => part.endNs).reduce(later);
    const root = parts.filter((part) => part.root !== null).sort(compareRoots)[0];
    return {
      traceId: formatHex(traceId),
      startNs,
      durationNs: endNs - startNs,
      rootSpanName: root?.root?.name ?? "",
      rootServiceName: root?.service.name ?? noRoot,
      services: parts.map(({ service }) => service),
    };
  });
}

async function readServiceParts(where: string, run: Run): Promise<ServicePart[]> {
  const columns = await run(
    `SELECT CAST(trace_id AS VARCHAR), coalesce(service, ''), CAST(count(*) AS DOUBLE), CAST(count(*) FILTER (status = 2) AS DOUBLE), min(start_ns), max(CAST(start_ns AS HUGEINT) + duration_ns), arg_min(name, (start_ns, span_id)) FILTER (parent_id IS NULL), min(start_ns) FILTER (parent_id IS NULL), arg_min(span_id, (start_ns, span_id)) FILTER (parent_id IS NULL) FROM spans s WHERE ${where} GROUP BY ALL`,
  );
  const [traceIds = [], services = [], spans = [], errors = [], starts = [], ends = []] = columns;
  const [rootNames = [], rootStarts = [], rootIds = []] = columns.slice(6);
  return traceIds.map((traceId, row) => ({
    traceId: String(traceId),
    service: {
      name: String(services[row]),
      spanCount: Number(spans[row]),
      errorCount: Number(errors[row]),
    },
    startNs: starts[row] as bigint,
    endNs: ends[row] as bigint,
    root:
      rootNames[row] === null
        ? null
        : {
            name: String(rootNames[row]),
            startNs: rootStarts[row] as bigint,
            spanId: rootIds[row] as bigint,
          },
  }));
}

/** The first root counts; of roots that start together that of the smallest id. */
export function compareRoots({ root: one }: ServicePart, { root: other }: ServicePart): number {
  if (one === null || other === null) {
    return 0;
  }
  return compare(one.startNs, other.startNs) || compare(one.spanId, other.spanId);
}

export function formatHex(uuid: string): string {
  return uuid.replaceAll("-", "");
}
