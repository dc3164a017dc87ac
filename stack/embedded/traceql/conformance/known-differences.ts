import { differencesInConditions } from "./differences/in-conditions.ts";
import { differencesInMetrics } from "./differences/in-metrics.ts";
import { differencesInStages } from "./differences/in-stages.ts";
import { differencesInTexts } from "./differences/in-texts.ts";
import type { KnownDifference } from "./differences/known-difference.ts";

/** The first that applies explains a difference. */
export const knownDifferences: readonly KnownDifference[] = [
  ...differencesInTexts,
  ...differencesInMetrics,
  ...differencesInStages,
  ...differencesInConditions,
];
