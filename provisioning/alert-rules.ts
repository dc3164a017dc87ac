import {
  type AlertCondition,
  type Contract,
  DefinitionError,
  datasourceUids,
  exploreLink,
  type GeneratedFile,
  type SavedQuery,
  savedQueriesOf,
  serviceNameOf,
} from "#contract";
import { expressionSteps } from "./expression-steps.ts";
import { metricAlertRules } from "./metric-alerts.ts";
import type { AlertingFile, AlertRule, RuleStep } from "./model/alerting.ts";
import { rulesFolder } from "./rules-folder.ts";
import { yamlFile } from "./yaml-file.ts";

const secondsPerMinute = 60;
const longestUid = 40;

/** An alert rule for each saved query and each metric that says when it should wake somebody. */
export function alertRules(contract: Contract): GeneratedFile {
  const service = serviceNameOf(contract);
  const rules = savedQueriesOf(contract).flatMap((query) => {
    const { alert, count } = query;
    return alert === null || count === null ? [] : [ruleOf(service, query, alert, count)];
  });
  const metricRules = metricAlertRules(contract);
  DefinitionError.throwIfAny(
    "alert rules",
    [...rules, ...metricRules]
      .filter(({ uid }) => !/^[\w-]+$/.test(uid) || uid.length > longestUid)
      .map(({ uid }) => `${uid}: Grafana takes up to ${longestUid} letters, digits, - and _`),
  );
  const group = { orgId: 1, folder: rulesFolder(service), interval: "1m" };
  const content: AlertingFile = {
    apiVersion: 1,
    groups: [
      { ...group, name: `${service}-saved-queries`, rules },
      { ...group, name: `${service}-metrics`, rules: metricRules },
    ],
  };
  return yamlFile({
    name: "grafana/alerting/alert-rules.yaml",
    source:
      "contract/saved-queries.ts, contract/queries/, contract/metrics.ts and contract/promql/",
    meaning: [
      "Alert rules for Grafana 13: the saved queries whose findings should wake somebody, and the metrics.",
    ],
    content,
  });
}

function ruleOf(
  service: string,
  { id, title, question, action, severity, table }: SavedQuery,
  alert: AlertCondition,
  count: string,
): AlertRule {
  return {
    uid: `${service}-${id}`,
    title,
    condition: "C",
    data: stepsOf(alert, count),
    for: `${alert.forMinutes}m`,
    // Nothing was found: there is not even a series with zero.
    noDataState: "OK",
    execErrState: "Error",
    labels: { service, severity, saved_query: id },
    annotations: {
      summary: `${title}: more than ${alert.above} in ${alert.windowMinutes} minutes`,
      description: `${question} ${action}`,
      explore: exploreLink(table, { from: `now-${alert.windowMinutes}m` }),
    },
  };
}

function stepsOf({ windowMinutes, above }: AlertCondition, count: string): RuleStep[] {
  const relativeTimeRange = { from: windowMinutes * secondsPerMinute, to: 0 };
  return [
    {
      refId: "A",
      relativeTimeRange,
      datasourceUid: datasourceUids.tempo,
      model: {
        refId: "A",
        datasource: { type: "tempo", uid: datasourceUids.tempo },
        queryType: "traceql",
        query: count,
        metricsQueryType: "instant",
        tableType: "traces",
        filters: [],
      },
    },
    ...expressionSteps(relativeTimeRange, { type: "gt", params: [above] }, "zero"),
  ];
}
