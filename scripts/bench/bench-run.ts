import type { BenchDir } from "./bench-dir.ts";
import { othersCpus, readCpu } from "./running-program.ts";
import { formatTable } from "./statistics.ts";

/** What all parts of a run share. */
export interface Bench {
  readonly workplace: BenchDir;
  /** How many pairs are measured wherever two things are compared. */
  readonly pairs: number;
  /** Fewer requests and rounds, to see whether all works rather than to get figures. */
  readonly isQuick: boolean;
  readonly modelPath: string;
  readonly traceStoreUrl: string;
  readonly threads: number;
  readonly slotTokens: number;
  readonly prefillChunkTokens: number;
  /** As MINISERVE_GPU takes it. */
  readonly gpu: string;
  /** Tells a person how far it is. */
  readonly progress: (sentence: string) => void;
}

/** Something that was aimed at, and whether this run got there. */
export interface Goal {
  readonly sentence: string;
  readonly isReached: boolean;
}

/** What a part measured: a table for a person, and the values that it is made of. */
export interface PartResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
  readonly values: unknown;
}

export interface Part {
  readonly name: string;
  readonly title: string;
  readonly measure: (bench: Bench) => Promise<PartResult>;
}

/**
 * Does something so many times, and fewer when the time is over: never less than once. What is told of
 * each time is counted.
 */
export async function repeat<Result>(
  bench: Bench,
  options: { readonly what: string; readonly times: number; readonly limitMs: number },
  once: (index: number) => Promise<{ readonly result: Result; readonly said: string }>,
): Promise<Result[]> {
  const { what, times } = options;
  const endAt = performance.now() + options.limitMs;
  const results: Result[] = [];
  while (results.length < times && (results.length === 0 || performance.now() < endAt)) {
    const { result, said } = await once(results.length);
    results.push(result);
    bench.progress(`${what}, ${results.length} of ${times}: ${said}`);
  }
  if (results.length < times) {
    bench.progress(`${what}: the time for it is over, so that ${results.length} must do.`);
  }
  return results;
}

export interface MeasuredPart extends PartResult {
  readonly name: string;
  readonly title: string;
  /** CPUs that other processes kept busy meanwhile, on average. */
  readonly othersCpus: number;
}

/** Measures something, and what the processes of others did to the machine meanwhile. */
export async function measurePart(
  workplace: BenchDir,
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
