import {
  alertExpression,
  type Contract,
  collectorMetrics,
  datasourceUids,
  type MetricAlert,
  type StoredMetric,
  serviceNameOf,
  storedMetricsOf,
  tempoMetrics,
} from "#contract";
import { expressionSteps } from "./expression-steps.ts";
import type { AlertRule, RuleStep } from "./model/alerting.ts";

/**
 * An alert rule for each metric that says when it should wake somebody: what no trace can tell, because it
 * is about traces that are missing, and what buckets tell better than TraceQL's powers of two.
 */
export function metricAlertRules(contract: Contract): AlertRule[] {
  const service = serviceNameOf(contract);
  return [...storedMetricsOf(contract), ...collectorMetrics, ...tempoMetrics].flatMap((metric) =>
    metric.alert === undefined ? [] : [ruleOf(service, metric, metric.alert)],
  );
}

function ruleOf(service: string, metric: StoredMetric, alert: MetricAlert): AlertRule {
  const expression = alertExpression(metric, alert).text;
  const limit = "above" in alert ? `above ${alert.above}` : `below ${alert.below}`;
  return {
    uid: `${service}-${metric.id}`,
    title: alert.title,
    condition: "C",
    data: stepsOf(expression, alert),
    for: `${alert.forMinutes}m`,
    // Nothing says the metric: whether its program runs at all is another rule's affair.
    noDataState: "OK",
    execErrState: "Error",
    labels: { service, severity: alert.severity, metric: metric.name },
    annotations: {
      summary: `${alert.title}: ${metric.title}, ${limit} in ${alert.windowMinutes} minutes`,
      description: `${metric.meaning} ${alert.action}`,
      dashboard: `/d/${service}-pipeline`,
    },
  };
}

function stepsOf(expression: string, alert: MetricAlert): RuleStep[] {
  const relativeTimeRange = { from: alert.windowMinutes * 60, to: 0 };
  return [
    {
      refId: "A",
      relativeTimeRange,
      datasourceUid: datasourceUids.prometheus,
      model: {
        refId: "A",
        datasource: { type: "prometheus", uid: datasourceUids.prometheus },
        expr: expression,
        instant: true,
        range: false,
      },
    },
    ...expressionSteps(
      relativeTimeRange,
      "above" in alert
        ? { type: "gt", params: [alert.above] }
        : { type: "lt", params: [alert.below] },
      "dropNN",
    ),
  ];
}
