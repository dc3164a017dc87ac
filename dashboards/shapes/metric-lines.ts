import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { datasourceUids, type PromqlText } from "#contract";
import { type LinesOf, linesOf } from "./timeseries.ts";

interface MetricLines extends LinesOf {
  readonly query: PromqlText;
  /** Labels of which each combination has a line; of none there is one, named by the title. */
  readonly splitBy: readonly string[];
}

const prometheus = { type: "prometheus", uid: datasourceUids.prometheus } as const;

/** A line for each combination of labels that Prometheus has. */
export function metricLines({ query, splitBy, ...shape }: MetricLines) {
  const legend = splitBy.map((label) => `{{${label}}}`).join(" ") || shape.title;
  const target = new DataqueryBuilder()
    .refId("A")
    .datasource(prometheus)
    .expr(query.text)
    .legendFormat(legend)
    .range();
  return linesOf(shape, { datasource: prometheus, target });
}
