import { datasourceUids } from "#contract";
import type { LokiDatasource, PrometheusDatasource } from "../model/datasource.ts";
import { openedLater } from "./opened-later.ts";

/** The log lines, each with a link to its trace. */
export function lokiDatasource(): LokiDatasource {
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
export function prometheusDatasource(): PrometheusDatasource {
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
