import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { datasourceUids, type PromqlText } from "#contract";
import { createLinesPanel, type LinesOf, shortIds } from "./timeseries.ts";

interface MetricLines extends LinesOf {
  readonly query: PromqlText;
  /** Labels of which each combination has a line; of none there is one, named by the title. */
  readonly splitBy: readonly string[];
}

/**
 * How often the server pushes its metrics. As a query's least step it makes `$__rate_interval` four times
 * as long, whatever the datasource says: from the 15 s of a scrape, a rate would find one sample.
 */
const pushInterval = "1m";

const prometheus = { type: "prometheus", uid: datasourceUids.prometheus } as const;

/** A line for each combination of labels that Prometheus has. */
export function metricLines({ query, splitBy, ...shape }: MetricLines) {
  const legend = splitBy.map((label) => `{{${label}}}`).join(" ") || shape.title;
  const target = new DataqueryBuilder()
    .refId("A")
    .datasource(prometheus)
    .expr(query.text)
    .legendFormat(legend)
    .interval(pushInterval)
    .range();
  return createLinesPanel(shape, { datasource: prometheus, targets: [target] })
    .fillOpacity(8)
    .withTransformation(shortIds);
}
