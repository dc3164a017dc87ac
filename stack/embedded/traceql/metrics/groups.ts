import type { DuckDBValue } from "@duckdb/node-api";
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

/** @param columns The answer of metrics-sql.ts: the labels, and the text with all steps of a group. */
export function readGroups(columns: readonly DuckDBValue[][], metrics: MetricsStage): Group[] {
  const isDistribution = isOfPowers(metrics);
  const texts = columns.at(-1) ?? [];
  return texts.map((text, row) => {
    const words = String(text).split(" ");
    return {
      labels: toLabels(
        metrics,
        columns.map((column) => (column[row] ?? null) as string | null),
      ),
      values: isDistribution ? new Map() : valuesOf(words),
      powers: isDistribution ? powersOf(words) : new Map(),
    };
  });
}

function isOfPowers({ function: name }: MetricsStage): boolean {
  return name === "quantile_over_time" || name === "histogram_over_time";
}

/** `step value step value …` */
function valuesOf(words: readonly string[]): Map<number, number> {
  const values = new Map<number, number>();
  for (let index = 0; index + 1 < words.length; index += 2) {
    values.set(Number(words[index]), toNumber(words[index + 1] ?? ""));
  }
  return values;
}

/** `step exponent count step exponent count …`; for what is not above zero the exponent is empty. */
function powersOf(words: readonly string[]): Map<number, PowerOfTwo[]> {
  const powers = new Map<number, PowerOfTwo[]>();
  for (let index = 0; index + 2 < words.length; index += 3) {
    const step = Number(words[index]);
    const exponent = words[index + 1] === "" ? null : Number(words[index + 1]);
    const power = { exponent, count: Number(words[index + 2]) };
    const ofStep = powers.get(step);
    if (ofStep === undefined) {
      powers.set(step, [power]);
    } else {
      ofStep.push(power);
    }
  }
  for (const ofStep of powers.values()) {
    ofStep.sort(comparePowers);
  }
  return powers;
}

/** DuckDB writes `inf` and `nan`. */
function toNumber(word: string): number {
  if (/inf/i.test(word)) {
    return word.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return Number(word);
}
