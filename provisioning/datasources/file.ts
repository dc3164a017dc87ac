import {
  type Attribute,
  type Contract,
  datasourceUids,
  type GeneratedFile,
  getRootSpan,
  type Services,
} from "#contract";
import type {
  DatasourceFile,
  LokiDatasource,
  PrometheusDatasource,
  SearchFilter,
  TempoDatasource,
} from "../model/datasource.ts";
import { yamlFile } from "../yaml-file.ts";

export function datasourceFile(services: Services): GeneratedFile {
  const content: DatasourceFile = {
    apiVersion: 1,
    prune: true,
    datasources: [tempoDatasource(services), lokiDatasource(), prometheusDatasource()],
  };
  return yamlFile({
    name: "grafana/datasources/datasources.yaml",
    source: "the contracts and provisioning/datasources/",
    brief: [
      "Datasources for Grafana 13. Its environment says where they are:",
      "  TEMPO_URL       Tempo's API, or the embedded store's: http://tempo:3200",
      "  LOKI_URL        http://loki:3100",
      "  PROMETHEUS_URL  http://prometheus:9090",
    ],
    content,
  });
}

/** The log lines, each with a link to its trace. */
function lokiDatasource(): LokiDatasource {
  return {
    name: "Loki",
    type: "loki",
    uid: datasourceUids.loki,
    access: "proxy",
    url: "$LOKI_URL",
    isDefault: false,
    editable: false,
    jsonData: {
      derivedFields: [
        {
          name: "Trace",
          // The trace of a line comes as structured metadata beside it, not in its text.
          matcherType: "label",
          matcherRegex: "trace_id",
          datasourceUid: datasourceUids.tempo,
          url: openedLater("__value.raw"),
          urlDisplayLabel: "Open the trace",
        },
      ],
    },
  };
}

/** What Tempo counts of the spans, each exemplar with a link to its trace. */
function prometheusDatasource(): PrometheusDatasource {
  return {
    name: "Prometheus",
    type: "prometheus",
    uid: datasourceUids.prometheus,
    access: "proxy",
    url: "$PROMETHEUS_URL",
    isDefault: false,
    editable: false,
    jsonData: {
      httpMethod: "POST",
      exemplarTraceIdDestinations: [{ name: "traceID", datasourceUid: datasourceUids.tempo }],
    },
  };
}

/** Tempo, or the embedded store, which speaks Tempo's language. */
function tempoDatasource(services: Services): TempoDatasource {
  const [{ contract }] = services;
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
      search: { hide: false, filters: searchFilters(services) },
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
  const key = getServiceKey(contract);
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
    tags: [{ key: getServiceKey(contract), value: "service" }],
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
function searchFilters(services: Services): SearchFilter[] {
  const [{ contract }] = services;
  const offered = services.flatMap(({ contract: { attributes, ...rest } }) => [
    ...Object.entries(getRootSpan({ attributes, ...rest }).attributes).filter(isName),
    ...Object.entries(attributes).filter(([, { values }]) => (values?.length ?? 0) > 1),
  ]);
  return [
    {
      id: "service-name",
      tag: getServiceKey(contract),
      operator: "=",
      scope: "resource",
      value: services.map(({ name }) => name),
      valueType: "string",
    },
    { id: "span-name", tag: "name", operator: "=", scope: "span" },
    { id: "status", tag: "status", operator: "=", scope: "intrinsic" },
    ...[...new Map(offered.map(([identifier, { key }]) => [key, identifier]))].map(
      ([key, identifier]): SearchFilter => ({
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

function getServiceKey({ resource }: Contract): string {
  return resource.attributes[resource.serviceName]?.key ?? "";
}

/**
 * A variable that Grafana fills in when a link is followed. Provisioning files have their own
 * variables, so the dollar stands twice, or the name is taken for one of the environment.
 */
function openedLater(name: string): string {
  return `$$\{${name}}`;
}
