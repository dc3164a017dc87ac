import type { MetricsStage } from "#traceql";
import type { Series } from "../answer.ts";
import { readTagged } from "../plan/tagged-value.ts";
import { printField } from "../print-expression.ts";

type Labels = Series["labels"];

/** A label that a span lacks is left out. */
export function toLabels(metrics: MetricsStage, cells: readonly (string | null)[]): Labels {
  return metrics.by.flatMap((field, index) => {
    const text = cells[index] ?? null;
    return text === null ? [] : [{ key: printField(field), value: readTagged(text).value }];
  });
}

/** A series without labels says so of the first that was asked for, or else is named after its function. */
export function namedLabels(labels: Labels, { by: [first], function: name }: MetricsStage): Labels {
  if (labels.length > 0) {
    return labels;
  }
  return first === undefined
    ? [{ key: "__name__", value: { type: "string", value: name } }]
    : [{ key: printField(first), value: { type: "string", value: "nil" } }];
}
