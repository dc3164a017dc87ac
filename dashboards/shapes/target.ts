import {
  DataqueryBuilder,
  MetricsQueryType,
  SearchTableType,
  TempoQueryType,
} from "@grafana/grafana-foundation-sdk/tempo";
import { datasourceUids } from "#contract";

/** TraceQL as a query builder or a saved query prints it. */
export interface TraceqlText {
  readonly text: string;
}

export const tempo = { type: "tempo", uid: datasourceUids.tempo } as const;

/**
 * What lies between two values of a series. Left to itself, Tempo takes 15 seconds of an hour, in which
 * hardly two requests are, and neither a count nor a quantile says anything.
 */
const step = "1m";

/** A value for each minute of the time range. */
export function rangeTarget(query: TraceqlText): DataqueryBuilder {
  return target(query).metricsQueryType(MetricsQueryType.Range).step(step);
}

/** One value for the whole time range. */
export function instantTarget(query: TraceqlText): DataqueryBuilder {
  return target(query).metricsQueryType(MetricsQueryType.Instant);
}

/** The spans found, which is the only form that has a column for each attribute. */
export function spansTarget(query: TraceqlText): DataqueryBuilder {
  return target(query).limit(tracesAtMost).spss(spansOfTraceAtMost);
}

/** Everything of the trace with this id. */
export function traceTarget(traceId: TraceqlText): DataqueryBuilder {
  return target(traceId).tableType(SearchTableType.Traces);
}

const tracesAtMost = 20;
const spansOfTraceAtMost = 10;

/** A for the first query of a panel, B for the second. */
export function formatRefId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

/** A backend needs the kind of a query. Searches are one a panel: the datasource takes the first. */
function target({ text }: TraceqlText): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId("A")
    .datasource(tempo)
    .queryType(TempoQueryType.Traceql)
    .tableType(SearchTableType.Spans)
    .query(text)
    .filters([]);
}
