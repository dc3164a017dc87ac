/**
 * Where a real Grafana shows something else than the viewer, each with its reason. One that is no longer
 * there has to go from here.
 */
import type { KnownDifference } from "./differences.ts";

export const knownDifferences: readonly KnownDifference[] = [];

/** What Grafana's pages write to the console themselves. */
export const knownComplaints: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /^Using kebab-case for css properties/,
    reason: "A development build of Grafana looks at its own styles.",
  },
];
