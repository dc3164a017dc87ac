import type { PartResult } from "./bench-run.ts";
import { formatTable } from "./format-figures.ts";
import { othersCpus, readCpu } from "./process-usage.ts";
import type { Workplace } from "./workplace.ts";

export interface MeasuredPart extends PartResult {
  readonly name: string;
  readonly title: string;
  /** CPUs that other processes kept busy meanwhile, on average. */
  readonly othersCpus: number;
}

/** Measures something, and what the processes of others did to the machine meanwhile. */
export async function measurePart(
  workplace: Workplace,
  name: string,
  title: string,
  measure: () => Promise<PartResult>,
): Promise<MeasuredPart> {
  const before = readCpu(workplace.pids);
  const result = await measure();
  return { name, title, ...result, othersCpus: othersCpus(before, readCpu(workplace.pids)) };
}

/** The tables and goals, in lines of Markdown. */
export function partLines(parts: readonly MeasuredPart[]): string[] {
  return parts.flatMap((part) => [
    "",
    `${part.title}:`,
    "",
    ...formatTable(part.columns, part.rows),
    "",
    ...part.goals.map(
      ({ sentence, isReached }) => `Goal ${isReached ? "reached" : "MISSED"}: ${sentence}.`,
    ),
    `Other processes kept ${part.othersCpus.toFixed(2)} CPUs busy meanwhile.`,
  ]);
}
