import type { DuckDBValue } from "@duckdb/node-api";
import type { FoundTrace } from "../answer.ts";

export type Run = (sql: string) => Promise<DuckDBValue[][]>;
export type TraceSummary = Omit<FoundTrace, "spansets">;

/** Where the span without a parent has not come, or never will. */
const noRoot = "<root span not yet received>";

/** @param traceIds As DuckDB writes them. The answer has them as 32 hexadecimal digits. */
export async function readTraceSummaries(
  traceIds: readonly string[],
  run: Run,
): Promise<TraceSummary[]> {
  const ids = traceIds.map((id) => `CAST('${id}' AS UUID)`).join(", ");
  const [traceId = [], start = [], end = [], rootName = [], rootService = []] = await run(
    `SELECT CAST(trace_id AS VARCHAR), min(start_ns), max(start_ns + duration_ns), arg_min(name, (start_ns, span_id)) FILTER (parent_id IS NULL), arg_min(coalesce(service, ''), (start_ns, span_id)) FILTER (parent_id IS NULL) FROM spans WHERE trace_id IN (${ids}) GROUP BY trace_id`,
  );
  const services = await readServices(ids, run);
  return traceId.map((id, row) => ({
    traceId: hexOf(String(id)),
    startNs: start[row] as bigint,
    durationNs: (end[row] as bigint) - (start[row] as bigint),
    rootSpanName: (rootName[row] as string | null) ?? "",
    rootServiceName: (rootService[row] as string | null) ?? noRoot,
    services: services.get(String(id)) ?? [],
  }));
}

async function readServices(ids: string, run: Run) {
  const [traceId = [], service = [], spans = [], errors = []] = await run(
    `SELECT CAST(trace_id AS VARCHAR), coalesce(service, ''), count(*), count(*) FILTER (status = 2) FROM spans WHERE trace_id IN (${ids}) GROUP BY ALL ORDER BY 1, 2`,
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
