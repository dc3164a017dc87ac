/**
 * Where a real Grafana shows something else than the viewer, each with its reason. One that is no longer
 * there has to go from here.
 */
import type { KnownDifference } from "./differences.ts";

export const knownDifferences: readonly KnownDifference[] = [
  {
    panel: /^(Where the time|Why did|Which form)/,
    place: /^at /,
    grafana: /: No /,
    reason:
      "Grafana's tooltip says of a series without a value at that time what a panel without data says.",
    isSometimes: true,
  },
  {
    panel: /^Tokens out/,
    place: /^at /,
    grafana: /≈ p50/,
    reason:
      "In a minute in which only the other quantile has a value, Grafana's tooltip says the median of the minute beside it.",
    isSometimes: true,
  },
  {
    panel: /^(Refused, left or failed, by type|error\.type)/,
    place: /^colours of legend/,
    reason:
      "What has no colour of its own gets one of the palette, and the viewer's differ from the fifth on.",
    isSometimes: true,
  },
];

/** What Grafana's pages write to the console themselves. */
export const knownComplaints: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /^Using kebab-case for css properties/,
    reason: "A development build of Grafana looks at its own styles.",
  },
];
