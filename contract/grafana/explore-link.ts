interface ExploreOptions {
  /** In Grafana's words, such as `now-1h` or milliseconds since 1970. */
  readonly from?: string;
  readonly to?: string;
  /** Traces at most. */
  readonly limit?: number;
}

/**
 * A link to Grafana's Explore with a TraceQL query, relative, so that it works on any Grafana. A search
 * is shown as a table of spans, which is the form that has a column for each selected attribute.
 */
export function exploreLink(
  query: string,
  { from = "now-1h", to = "now", limit = 20 }: ExploreOptions = {},
): string {
  const pane = {
    datasource: datasourceUids.tempo,
    queries: [
      {
        refId: "A",
        datasource: { type: "tempo", uid: datasourceUids.tempo },
        queryType: "traceql",
        query,
        limit,
        spss: spansPerSpanset,
        tableType: "spans",
        metricsQueryType: "range",
        filters: [],
      },
    ],
    range: { from, to },
  };
  // Grafana wants a name of three characters for a pane.
  const panes = encodeURIComponent(withoutSyntax(JSON.stringify({ llm: pane })));
  return `/explore?schemaVersion=1&orgId=1&panes=${panes}`;
}

/** Enough for every span that a saved query finds of one request. */
const spansPerSpanset = 10;

/**
 * JSON that says by their numbers what has a meaning in addresses. Links of data are decoded before they are
 * followed where Grafana has a `@braintree/sanitize-url` from 7.0.2 on, and would end at the first `&`.
 */
function withoutSyntax(json: string): string {
  return json.replaceAll(
    /[&#%+]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The uids of the datasources: panels, links and alerts name them, and provisioning makes them. */
export const datasourceUids = {
  tempo: "tempo",
  loki: "loki",
  prometheus: "prometheus",
} as const;
