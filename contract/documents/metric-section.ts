import type { Contract } from "../define/contract.ts";
import { prometheusName } from "../promql/metric-names.ts";
import { code, codes, table } from "./markdown.ts";

/** What is counted and measured besides the spans, where a contract has any. */
export function metricSection({ metrics = {} }: Contract): string[] {
  const all = Object.values(metrics);
  if (all.length === 0) {
    return [];
  }
  return [
    "## Metrics",
    "",
    "From the timestamps and values of the spans. In Prometheus each has the name in the third column,",
    "however it came there.",
    "",
    ...table(
      ["name", "in code", "in Prometheus", "instrument", "unit", "meaning", "labels", "convention"],
      all.map((metric) => [
        code(metric.name),
        code(metric.identifier),
        code(prometheusName(metric)),
        metric.instrument.replace("-", " "),
        code(metric.unit),
        metric.meaning,
        codes(Object.values(metric.attributes).map(({ key }) => key)),
        code(metric.semconv?.key),
      ]),
    ),
    "",
    ...table(
      ["histogram", "upper bounds of its buckets"],
      all.flatMap(({ name, buckets }) =>
        buckets === undefined ? [] : [[code(name), buckets.join(" ")]],
      ),
    ),
    "",
  ];
}
