import type { Workplace } from "./workplace.ts";

/** What all parts of a run share. */
export interface Bench {
  readonly workplace: Workplace;
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
