/** Grafana's provisioning file for alert rules. A rule's `model` is taken as it is, `$` too. */
export interface AlertingFile {
  readonly apiVersion: 1;
  readonly groups: readonly RuleGroup[];
}

export interface RuleGroup {
  readonly orgId: number;
  readonly name: string;
  readonly folder: string;
  readonly interval: string;
  readonly rules: readonly AlertRule[];
}

export interface AlertRule {
  /** At most 40 letters, digits, `-` and `_`. */
  readonly uid: string;
  readonly title: string;
  /** The `refId` of the step that decides. */
  readonly condition: string;
  readonly data: readonly RuleStep[];
  readonly for: string;
  readonly noDataState: "OK" | "NoData" | "Alerting";
  readonly execErrState: "OK" | "Error" | "Alerting";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleStep {
  readonly refId: string;
  /** Seconds before now. */
  readonly relativeTimeRange: { readonly from: number; readonly to: number };
  readonly datasourceUid: string;
  readonly model: QueryModel | MetricModel | ReduceModel | ThresholdModel;
}

export interface QueryModel {
  readonly refId: string;
  readonly datasource: { readonly type: "tempo"; readonly uid: string };
  readonly queryType: "traceql";
  readonly query: string;
  readonly metricsQueryType: "range" | "instant";
  readonly tableType: "traces";
  readonly filters: readonly never[];
}

export interface MetricModel {
  readonly refId: string;
  readonly datasource: { readonly type: "prometheus"; readonly uid: string };
  readonly expr: string;
  readonly instant: true;
  readonly range: false;
}

interface Expression {
  readonly refId: string;
  readonly datasource: { readonly type: "__expr__"; readonly uid: "__expr__" };
  /** The `refId` of the step before. */
  readonly expression: string;
}

interface ReduceModel extends Expression {
  readonly type: "reduce";
  readonly reducer: "last" | "sum";
  readonly settings:
    | { readonly mode: "replaceNN"; readonly replaceWithValue: number }
    | { readonly mode: "dropNN" };
}

interface ThresholdModel extends Expression {
  readonly type: "threshold";
  readonly conditions: readonly [{ readonly evaluator: Evaluator }];
}

export interface Evaluator {
  readonly type: "gt" | "lt";
  readonly params: readonly [number];
}
