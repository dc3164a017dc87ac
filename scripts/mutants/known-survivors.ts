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

const looks = "How a panel looks: nobody is told anything else by it.";

export const knownSurvivors: readonly KnownSurvivor[] = [
  {
    file: "dashboards/miniserve/answers.ts",
    text: 'colour: "green",',
    before: '"green"',
    after: '"green."',
    reason: looks,
  },
  {
    file: "dashboards/panels/saved-queries.ts",
    text: "const heightOfTable = 8;",
    before: "8",
    after: "9",
    reason: looks,
  },
  {
    file: "dashboards/panels/trace.ts",
    text: ".enableLogDetails(true)",
    before: "true",
    after: "false",
    reason: "A convenience of Grafana's log panel; the lines are the same.",
  },
  {
    file: "dashboards/shapes/timeseries.ts",
    text: ".lineWidth(0)",
    before: "0",
    after: "1",
    reason: looks,
  },
];

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
