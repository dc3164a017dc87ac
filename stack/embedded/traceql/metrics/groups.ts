import type { DuckDBListValue, DuckDBValue } from "@duckdb/node-api";
import type { Series } from "../answer.ts";
import type { MetricsStage } from "../syntax.ts";
import { toLabels } from "./labels.ts";
import { comparePowers, type PowerOfTwo } from "./quantile.ts";

/** A group of labels and what the database found for it, by step: one of the two. */
export interface Group {
  readonly labels: Series["labels"];
  readonly values: ReadonlyMap<number, number>;
  readonly powers: ReadonlyMap<number, readonly PowerOfTwo[]>;
}

/** @param columns The answer of metrics-sql.ts: the labels, and lists with all steps of a group. */
export function readGroups(columns: readonly DuckDBValue[][], metrics: MetricsStage): Group[] {
  const isDistribution = isOfPowers(metrics);
  const lists = columns.slice(isDistribution ? -3 : -2);
  return (columns[0] ?? []).map((_, row) => {
    const items = lists.map((column) => (column[row] as DuckDBListValue).items);
    return {
      labels: toLabels(
        metrics,
        columns.slice(0, -lists.length).map((column) => (column[row] ?? null) as string | null),
      ),
      values: isDistribution ? new Map() : valuesOf(items),
      powers: isDistribution ? powersOf(items) : new Map(),
    };
  });
}

function isOfPowers({ function: name }: MetricsStage): boolean {
  return name === "quantile_over_time" || name === "histogram_over_time";
}

type Lists = readonly (readonly DuckDBValue[])[];

function valuesOf([steps = [], values = []]: Lists): Map<number, number> {
  return new Map(steps.map((step, index) => [step as number, values[index] as number]));
}

/** For what is not above zero the exponent is null. */
function powersOf([steps = [], exponents = [], counts = []]: Lists): Map<number, PowerOfTwo[]> {
  const powers = new Map<number, PowerOfTwo[]>();
  for (const [index, step] of steps.entries()) {
    const power = { exponent: exponents[index] as number | null, count: counts[index] as number };
    const ofStep = powers.get(step as number);
    if (ofStep === undefined) {
      powers.set(step as number, [power]);
    } else {
      ofStep.push(power);
    }
  }
  for (const ofStep of powers.values()) {
    ofStep.sort(comparePowers);
  }
  return powers;
}
