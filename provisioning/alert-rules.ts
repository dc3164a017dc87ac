import {
  type AlertCondition,
  alertExpression,
  collectorMetrics,
  createSavedQueries,
  DefinitionError,
  datasourceUids,
  exploreLink,
  type GeneratedFile,
  listStoredMetrics,
  type MetricAlert,
  type SavedQuery,
  type Service,
  type StoredMetric,
  tempoMetrics,
} from "#contract";
import type {
  AlertingFile,
  AlertRule,
  Evaluator,
  MetricModel,
  QueryModel,
  RuleStep,
} from "./model/alerting.ts";
import { rulesFolder } from "./rules-folder.ts";
import { yamlFile } from "./yaml-file.ts";

const secondsPerMinute = 60;
const longestUid = 40;

/** An alert rule for each saved query and each metric that says when it should wake somebody. */
export function alertRules(
  { name, id: service, contract }: Service,
  { withPipeline }: { readonly withPipeline: boolean },
): GeneratedFile {
  const rules = createSavedQueries(contract).flatMap((query) => {
    const { alert, count } = query;
    return alert === null || count === null
      ? []
      : [createRule({ name, id: service }, query, alert, count)];
  });
  const metricRules = metricAlertRules(service, [
    ...listStoredMetrics(contract),
    // There is one pipeline, whatever the number of services: it is told of once.
    ...(withPipeline ? [...collectorMetrics, ...tempoMetrics] : []),
  ]);
  DefinitionError.throwIfAny(
    "alert rules",
    [...rules, ...metricRules]
      .filter(({ uid }) => !/^[\w-]+$/.test(uid) || uid.length > longestUid)
      .map(({ uid }) => `${uid}: Grafana takes up to ${longestUid} letters, digits, - and _`),
  );
  const group = { orgId: 1, folder: rulesFolder(name), interval: "1m" };
  const content: AlertingFile = {
    apiVersion: 1,
    groups: [
      { ...group, name: `${service}-saved-queries`, rules },
      { ...group, name: `${service}-metrics`, rules: metricRules },
    ],
  };
  return yamlFile({
    name: `grafana/alerting/${service}.yaml`,
    source: `the contract of ${name}, contract/queries/ and contract/promql/`,
    brief: [
      "Alert rules for Grafana 13: the saved queries whose findings should wake somebody, and the metrics.",
    ],
    content,
  });
}

function createRule(
  service: Pick<Service, "name" | "id">,
  { id, title, question, action, severity, table }: SavedQuery,
  alert: AlertCondition,
  count: string,
): AlertRule {
  return {
    uid: `${service.id}-${id}`,
    title,
    condition: "C",
    data: createRuleSteps(alert, count),
    for: `${alert.forMinutes}m`,
    // Nothing was found: there is not even a series with zero.
    noDataState: "OK",
    execErrState: "Error",
    labels: { service: service.name, severity, saved_query: id },
    annotations: {
      summary: `${title}: more than ${alert.above} in ${alert.windowMinutes} minutes`,
      description: `${question} ${action}`,
      explore: exploreLink(table, { from: `now-${alert.windowMinutes}m` }),
    },
  };
}

function createRuleSteps({ windowMinutes, above }: AlertCondition, count: string): RuleStep[] {
  const model: QueryModel = {
    refId: "A",
    datasource: { type: "tempo", uid: datasourceUids.tempo },
    queryType: "traceql",
    query: count,
    metricsQueryType: "instant",
    tableType: "traces",
    filters: [],
  };
  return comparedSteps(windowMinutes, model, { type: "gt", params: [above] }, "zero");
}

/**
 * An alert rule for each metric that says when it should wake somebody: what no trace can tell, because it
 * is about traces that are missing, and what buckets tell better than TraceQL's powers of two.
 */
function metricAlertRules(service: string, metrics: readonly StoredMetric[]): AlertRule[] {
  return metrics.flatMap((metric) =>
    metric.alert === undefined ? [] : [metricRule(service, metric, metric.alert)],
  );
}

function metricRule(service: string, metric: StoredMetric, alert: MetricAlert): AlertRule {
  const expression = alertExpression(metric, alert).text;
  const limit = "above" in alert ? `above ${alert.above}` : `below ${alert.below}`;
  return {
    uid: `${service}-${metric.id}`,
    title: alert.title,
    condition: "C",
    data: metricSteps(expression, alert),
    for: `${alert.forMinutes}m`,
    // Nothing says the metric: whether its program runs at all is another rule's affair.
    noDataState: "OK",
    execErrState: "Error",
    labels: { service, severity: alert.severity, metric: metric.name },
    annotations: {
      summary: `${alert.title}: ${metric.title}, ${limit} in ${alert.windowMinutes} minutes`,
      description: `${metric.brief} ${alert.action}`,
      dashboard: `/d/${service}-pipeline`,
    },
  };
}

function metricSteps(expression: string, alert: MetricAlert): RuleStep[] {
  const model: MetricModel = {
    refId: "A",
    datasource: { type: "prometheus", uid: datasourceUids.prometheus },
    expr: expression,
    instant: true,
    range: false,
  };
  const evaluator: Evaluator =
    "above" in alert
      ? { type: "gt", params: [alert.above] }
      : { type: "lt", params: [alert.below] };
  return comparedSteps(alert.windowMinutes, model, evaluator, "dropNN");
}

/**
 * Asks the query, takes the last number of each series, and compares it. What is no number is taken for
 * zero, or left out.
 */
function comparedSteps(
  windowMinutes: number,
  query: QueryModel | MetricModel,
  evaluator: Evaluator,
  noNumber: "zero" | "dropNN",
): RuleStep[] {
  const relativeTimeRange = { from: windowMinutes * secondsPerMinute, to: 0 };
  const expression = { datasource: { type: "__expr__", uid: "__expr__" } } as const;
  return [
    { refId: "A", relativeTimeRange, datasourceUid: query.datasource.uid, model: query },
    {
      refId: "B",
      relativeTimeRange,
      datasourceUid: "__expr__",
      model: {
        refId: "B",
        ...expression,
        type: "reduce",
        expression: "A",
        reducer: "last",
        settings:
          noNumber === "zero" ? { mode: "replaceNN", replaceWithValue: 0 } : { mode: "dropNN" },
      },
    },
    {
      refId: "C",
      relativeTimeRange,
      datasourceUid: "__expr__",
      model: {
        refId: "C",
        ...expression,
        type: "threshold",
        expression: "B",
        conditions: [{ evaluator }],
      },
    },
  ];
}
