import type { RawRange } from "./dashboard.ts";

/** A query in Explore, in the form of Grafana's addresses. */
export interface ExploreTarget {
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly query: string;
  readonly metricsQueryType?: string;
  readonly limit?: number;
  readonly spss?: number;
}

/** Grafana's address of Explore with a query; the viewer has its own page there. */
export function exploreAddress(target: ExploreTarget, range: RawRange): string {
  const { datasource, query, limit = 20, spss = 10, metricsQueryType = "range" } = target;
  const pane = {
    datasource: datasource.uid,
    queries: [
      {
        refId: "A",
        datasource,
        queryType: "traceql",
        query,
        limit,
        spss,
        tableType: "spans",
        metricsQueryType,
        filters: [],
      },
    ],
    range,
  };
  const panes = encodeURIComponent(JSON.stringify({ llm: pane }));
  return `/explore?schemaVersion=1&orgId=1&panes=${panes}`;
}
