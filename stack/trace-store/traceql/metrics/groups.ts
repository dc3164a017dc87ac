import type { DuckDBListValue, DuckDBValue } from "@duckdb/node-api";
import type { MetricsStage } from "#traceql";
import type { Series } from "../answer.ts";
import { Distributions } from "./distributions.ts";
import { toLabels } from "./labels.ts";

/** A group of labels and what the database found for it, by step: one of the two. */
export interface Group {
  readonly labels: Series["labels"];
  readonly values: ReadonlyMap<number, number>;
  readonly distributions: Distributions | null;
}

/**
 * @param columns The answer of metrics-sql.ts: the labels, and lists with all steps of a group.
 * @param stepCount How many steps there are.
 */
export function readGroups(
  columns: readonly DuckDBValue[][],
  metrics: MetricsStage,
  stepCount: number,
): Group[] {
  const isDistribution = isOfPowers(metrics);
  const lists = columns.slice(isDistribution ? -3 : -2);
  return (columns[0] ?? []).map((_, row) => {
    const items = lists.map((column) => (column[row] as DuckDBListValue).items as number[]);
    return {
      labels: toLabels(
        metrics,
        columns.slice(0, -lists.length).map((column) => (column[row] ?? null) as string | null),
      ),
      values: isDistribution ? new Map() : valuesOf(items),
      distributions: isDistribution ? distributionsOf(items, stepCount) : null,
    };
  });
}

function isOfPowers({ function: name }: MetricsStage): boolean {
  return name === "quantile_over_time" || name === "histogram_over_time";
}

type Lists = readonly (readonly (number | null)[])[];

function valuesOf([steps = [], values = []]: Lists): Map<number, number> {
  return new Map(steps.map((step, index) => [step ?? 0, values[index] as number]));
}

/** For what is not above zero the exponent is null. */
function distributionsOf([steps = [], exponents = [], counts = []]: Lists, stepCount: number) {
  return new Distributions(stepCount, { steps, exponents, counts });
}
