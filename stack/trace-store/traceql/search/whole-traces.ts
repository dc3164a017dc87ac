import type { DuckDBValue } from "@duckdb/node-api";
import type { Expression } from "#traceql";
import type { SpansetLimits } from "./first-spans.ts";
import { type FoundRow, readRows } from "./found-rows.ts";
import { earlier, later } from "./order.ts";
import {
  type Searched,
  type SearchedTraces,
  wholeTraceColumns,
  wholeTracesSql,
} from "./search-sql.ts";
import {
  compareRoots,
  type Run,
  type ServicePart,
  summarize,
  type TraceSummary,
} from "./trace-summaries.ts";

export interface WholeTraces {
  /** What the filter keeps of them. */
  readonly rows: readonly FoundRow[];
  readonly summaries: readonly TraceSummary[];
}

interface Asked extends Searched {
  readonly options: SpansetLimits;
  readonly run: Run;
}

const nothingPlanned = { aggregates: [], groupedBy: [] };

/**
 * What a lone filter keeps of some traces, and the traces, in one question.
 * @param most Spans. Null is answered when there are more: then the database had better count them.
 */
export async function readWholeTraces(
  asked: Asked,
  condition: Expression | null,
  traces: SearchedTraces,
  most: number,
): Promise<WholeTraces | null> {
  const columns = await asked.run(wholeTracesSql(asked, condition, traces, most + 1));
  const [isKept = []] = columns;
  if (isKept.length > most) {
    return null;
  }
  const answer = columns.slice(wholeTraceColumns.length);
  const kept = isKept.flatMap((one, row) => (one === true ? [row] : []));
  const ofKept = answer.map((column) => kept.map((row) => column[row] ?? null));
  return {
    rows: readRows(ofKept, asked.mentions, nothingPlanned, asked.options),
    summaries: summarize(partsOf(columns, answer)),
  };
}

/** @param answer The columns of an answer; see search-sql.ts. */
function partsOf(
  [, services = [], hasError = [], isRoot = [], names = []]: readonly DuckDBValue[][],
  answer: readonly DuckDBValue[][],
): ServicePart[] {
  const [traceIds = []] = answer;
  const [spanIds = [], starts = [], durations = []] = answer.slice(6) as bigint[][];
  const parts = new Map<string, ServicePart>();
  for (const [row, id] of traceIds.entries()) {
    const [traceId, name] = [String(id), String(services[row])];
    const startNs = starts[row] ?? 0n;
    const part: ServicePart = {
      traceId,
      service: { name, spanCount: 1, errorCount: Number(hasError[row] === true) },
      startNs,
      endNs: startNs + (durations[row] ?? 0n),
      root:
        isRoot[row] === true
          ? { name: String(names[row]), startNs, spanId: spanIds[row] ?? 0n }
          : null,
    };
    const known = parts.get(`${traceId} ${name}`);
    parts.set(`${traceId} ${name}`, known === undefined ? part : together(known, part));
  }
  return [...parts.values()];
}

function together(one: ServicePart, other: ServicePart): ServicePart {
  const { name, spanCount, errorCount } = one.service;
  return {
    traceId: one.traceId,
    service: {
      name,
      spanCount: spanCount + other.service.spanCount,
      errorCount: errorCount + other.service.errorCount,
    },
    startNs: earlier(one.startNs, other.startNs),
    endNs: later(one.endNs, other.endNs),
    root: [one, other].filter(({ root }) => root !== null).sort(compareRoots)[0]?.root ?? null,
  };
}
