import { type Attribute, type Contract, datasourceUids, rootOf } from "#contract";
import type { SearchFilter, TempoDatasource } from "../model/datasource.ts";
import { openedLater } from "./opened-later.ts";

/** Tempo, or the embedded store, which speaks Tempo's language. */
export function tempoDatasource(contract: Contract): TempoDatasource {
  return {
    name: "Tempo",
    type: "tempo",
    uid: datasourceUids.tempo,
    access: "proxy",
    url: "$TEMPO_URL",
    isDefault: true,
    editable: false,
    jsonData: {
      tracesToLogsV2: tracesToLogs(contract),
      tracesToMetrics: tracesToMetrics(contract),
      serviceMap: { datasourceUid: datasourceUids.prometheus },
      nodeGraph: { enabled: true },
      search: { hide: false, filters: searchFilters(contract) },
      traceQuery: { timeShiftEnabled: true, spanStartTimeShift: "-1h", spanEndTimeShift: "1h" },
      spanBar: { type: "Duration" },
      // The embedded store answers plain requests, and streams nothing.
      streamingEnabled: { search: false, metrics: false },
      tagLimit: 5000,
    },
  };
}

/** The lines that were written while the span was active, which the Collector brings to Loki. */
function tracesToLogs(contract: Contract): TempoDatasource["jsonData"]["tracesToLogsV2"] {
  const key = keyOfService(contract);
  const [traceId, spanId] = ["__span.traceId", "__span.spanId"].map(openedLater);
  return {
    datasourceUid: datasourceUids.loki,
    tags: [{ key, value: key.replaceAll(".", "_") }],
    spanStartTimeShift: "-1m",
    spanEndTimeShift: "1m",
    filterByTraceID: true,
    filterBySpanID: true,
    customQuery: true,
    query: `{$$__tags} | trace_id="${traceId}" | span_id="${spanId}"`,
  };
}

/** Of the metrics that Tempo makes of spans: the service is their label `service`. */
function tracesToMetrics(contract: Contract): TempoDatasource["jsonData"]["tracesToMetrics"] {
  const name = openedLater("__span.name");
  const labels = `$$__tags, span_name="${name}"`;
  return {
    datasourceUid: datasourceUids.prometheus,
    tags: [{ key: keyOfService(contract), value: "service" }],
    spanStartTimeShift: "-30m",
    spanEndTimeShift: "30m",
    queries: [
      {
        name: "Spans of this name a second",
        query: `sum(rate(traces_spanmetrics_calls_total{${labels}}[5m]))`,
      },
      {
        name: "Spans of this name with an error a second",
        query: `sum(rate(traces_spanmetrics_calls_total{${labels}, status_code="STATUS_CODE_ERROR"}[5m]))`,
      },
      {
        name: "Duration of spans of this name, 95th percentile",
        query: `histogram_quantile(0.95, sum by (le) (rate(traces_spanmetrics_latency_bucket{${labels}}[5m])))`,
      },
    ],
  };
}

/** The form for searches offers the service, the span, and whatever has a list of values. */
function searchFilters(contract: Contract): SearchFilter[] {
  const { resource, attributes } = contract;
  const service = resource.defaults[resource.serviceName] ?? "";
  const listed = Object.entries(attributes).filter(([, { values }]) => (values?.length ?? 0) > 1);
  const ofRoot = Object.entries(rootOf(contract).attributes).filter(isName);
  return [
    {
      id: "service-name",
      tag: keyOfService(contract),
      operator: "=",
      scope: "resource",
      value: [service],
      valueType: "string",
    },
    { id: "span-name", tag: "name", operator: "=", scope: "span" },
    { id: "status", tag: "status", operator: "=", scope: "intrinsic" },
    ...[...new Map([...ofRoot, ...listed])].map(
      ([identifier, { key }]): SearchFilter => ({
        id: identifier,
        tag: key,
        operator: "=",
        scope: "span",
      }),
    ),
  ];
}

/** A string that many requests share, such as the model. */
function isName([, { type, values, unique }]: [string, Attribute]): boolean {
  return type === "string" && values === undefined && !unique;
}

function keyOfService({ resource }: Contract): string {
  return resource.attributes[resource.serviceName]?.key ?? "";
}
