import type { Contract } from "../define/contract.ts";
import { getServiceName } from "../define/contract.ts";
import type { Instrument, MetricAlert } from "../define/metric.ts";
import { prometheusLabel, prometheusName } from "./metric-names.ts";

/** A metric as Prometheus has it: of the service, or of a program that its spans pass through. */
export interface StoredMetric {
  /** kebab-case, the same for ever: alerts are named by it. */
  readonly id: string;
  /** In Prometheus; of a histogram without `_bucket`. */
  readonly name: string;
  readonly title: string;
  readonly instrument: Instrument;
  readonly unit: string;
  readonly brief: string;
  readonly advice: string;
  /** Labels by which a panel tells its series apart. */
  readonly splitBy: readonly string[];
  /** The job whose metric it is; of any, if left out. */
  readonly job?: string;
  readonly alert?: MetricAlert | undefined;
}

/** The metrics that a contract declares, with its service for their job. */
export function listStoredMetrics(contract: Contract): StoredMetric[] {
  return Object.values(contract.metrics ?? {}).map((metric) => ({
    id: metric.identifier.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    name: prometheusName(metric),
    title: metric.name,
    instrument: metric.instrument,
    unit: metric.unit,
    brief: metric.brief,
    advice: metric.advice,
    splitBy: Object.values(metric.attributes)
      .filter(({ values = [] }) => values.length > 1)
      .map(({ key }) => prometheusLabel(key)),
    job: getServiceName(contract),
    alert: metric.alert,
  }));
}
