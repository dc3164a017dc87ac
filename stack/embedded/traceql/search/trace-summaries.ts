import type { DuckDBValue } from "@duckdb/node-api";
import type { FoundTrace } from "../answer.ts";

export type Run = (sql: string) => Promise<DuckDBValue[][]>;
export type TraceSummary = Omit<FoundTrace, "spansets">;

/** Where the span without a parent has not come, or never will. */
const noRoot = "<root span not yet received>";

/**
 * A condition for all spans of these traces. With the times between which they start, the database
 * reads little besides.
 * @param traceIds As DuckDB writes them, at least one.
 */
export async function locateTraces(traceIds: Iterable<string>, run: Run): Promise<string> {
  const ids = [...traceIds].map((id) => `CAST('${id}' AS UUID)`).join(", ");
  const ofTraces = `trace_id IN (${ids})`;
  const [[first] = [], [last] = []] = await run(
    `SELECT min(start_ns), max(start_ns) FROM spans WHERE ${ofTraces}`,
  );
  return `start_ns BETWEEN ${first} AND ${last} AND ${ofTraces}`;
}

/** @param where Holds for all spans of the traces. The answer has their ids as 32 hexadecimal digits. */
export async function readTraceSummaries(where: string, run: Run): Promise<TraceSummary[]> {
  const [traceId = [], start = [], end = [], rootName = [], rootService = []] = await run(
    `SELECT CAST(trace_id AS VARCHAR), min(start_ns), max(start_ns + duration_ns), arg_min(name, (start_ns, span_id)) FILTER (parent_id IS NULL), arg_min(coalesce(service, ''), (start_ns, span_id)) FILTER (parent_id IS NULL) FROM spans WHERE ${where} GROUP BY trace_id`,
  );
  const services = await readServices(where, run);
  return traceId.map((id, row) => ({
    traceId: hexOf(String(id)),
    startNs: start[row] as bigint,
    durationNs: (end[row] as bigint) - (start[row] as bigint),
    rootSpanName: (rootName[row] as string | null) ?? "",
    rootServiceName: (rootService[row] as string | null) ?? noRoot,
    services: services.get(String(id)) ?? [],
  }));
}

async function readServices(where: string, run: Run) {
  const [traceId = [], service = [], spans = [], errors = []] = await run(
    `SELECT CAST(trace_id AS VARCHAR), coalesce(service, ''), count(*), count(*) FILTER (status = 2) FROM spans WHERE ${where} GROUP BY ALL ORDER BY 1, 2`,
  );
  const services = new Map<string, FoundTrace["services"][number][]>();
  for (const [row, id] of traceId.entries()) {
    const ofTrace = services.get(String(id)) ?? [];
    services.set(String(id), ofTrace);
    ofTrace.push({
      name: String(service[row]),
      spanCount: Number(spans[row]),
      errorCount: Number(errors[row]),
    });
  }
  return services;
}

export function hexOf(uuid: string): string {
  return uuid.replaceAll("-", "");
}
