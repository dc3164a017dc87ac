import type { MetricAlert } from "../define/metric.ts";
import { isCounter } from "./metric-names.ts";
import type { StoredMetric } from "./stored-metric.ts";

/** PromQL, as a panel or an alert asks it. */
export interface PromqlText {
  readonly text: string;
}

/** Long enough for a rate at any zoom: Grafana replaces it. */
const rateWindow = "$__rate_interval";

/** The label that tells one process of a program from another. */
export const processLabel = "instance";

/** The label under which quantiles are told apart, with 0.95 for a value. */
export const quantileLabel = "quantile";

/**
 * What a panel shows of a metric: how fast a counter grows, where a gauge stands in each process, and of a
 * histogram the given quantiles.
 */
export function panelExpression(
  metric: StoredMetric,
  quantiles: readonly number[] = [0.5, 0.95, 0.99],
): PromqlText {
  if (isCounter(metric.instrument)) {
    return { text: `sum${by(metric.splitBy)} (rate(${selected(metric)}[${rateWindow}]))` };
  }
  if (metric.instrument === "gauge") {
    return { text: `sum${by([processLabel, ...metric.splitBy])} (${selected(metric)})` };
  }
  return {
    text: quantiles
      .map((quantile) => {
        const value = formatQuantile(metric, quantile, rateWindow);
        return `label_replace(${value}, "${quantileLabel}", "${quantile}", "", "")`;
      })
      .join(" or "),
  };
}

/** The number of which an alert says when it is too much, one for each process that has the metric. */
export function alertExpression(metric: StoredMetric, alert: MetricAlert): PromqlText {
  const window = `${alert.windowMinutes}m`;
  if (isCounter(metric.instrument)) {
    return { text: `sum${by([processLabel])} (increase(${selected(metric)}[${window}]))` };
  }
  if (metric.instrument === "gauge") {
    const nearest = "above" in alert ? "min_over_time" : "max_over_time";
    return { text: `${nearest}(${selected(metric)}[${window}])` };
  }
  return { text: formatQuantile(metric, 0.95, window) };
}

function formatQuantile(metric: StoredMetric, quantile: number, window: string): string {
  const buckets = selected(metric, "_bucket");
  return `histogram_quantile(${quantile}, sum by (le) (rate(${buckets}[${window}])))`;
}

function selected({ name, job }: StoredMetric, suffix = ""): string {
  return `${name}${suffix}${job === undefined ? "" : `{job="${job}"}`}`;
}

function by(labels: readonly string[]): string {
  return labels.length === 0 ? "" : ` by (${labels.join(", ")})`;
}
