import type { Mutant } from "./make-mutants.ts";

/** A mutant that no test notices, and why none should. */
export interface KnownSurvivor {
  readonly file: string;
  /** The line in which it is, without the spaces before and after. */
  readonly text: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

export const knownSurvivors: readonly KnownSurvivor[] = [];

/** The reason why a mutant may survive, or undefined. */
export function reasonToSurvive(mutant: Mutant, source: string): string | undefined {
  const text = source.split("\n")[mutant.line - 1]?.trim();
  return knownSurvivors.find(
    (known) =>
      known.file === mutant.file &&
      known.text === text &&
      known.before === mutant.before &&
      known.after === mutant.after,
  )?.reason;
}
