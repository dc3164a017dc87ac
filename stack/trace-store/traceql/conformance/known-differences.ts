import { differencesInConditions } from "./differences/in-conditions.ts";
import { differencesInMetrics } from "./differences/in-metrics.ts";
import { differencesInRefusals } from "./differences/in-refusals.ts";
import { differencesInStages, differencesInTexts } from "./differences/in-stages.ts";
import type { AskedQuery, KnownDifference } from "./differences/known-difference.ts";
import type { Answer } from "./tempo-answers.ts";

/** The first that applies explains a difference. */
export const knownDifferences: readonly KnownDifference[] = [
  ...differencesInRefusals,
  ...differencesInTexts,
  ...differencesInMetrics,
  ...differencesInStages,
  ...differencesInConditions,
];

/** Whether an answer of Tempo's may be otherwise than ours for this reason. */
export function mayExplain(
  { applies, refusal }: KnownDifference,
  asked: AskedQuery,
  { error }: Answer,
): boolean {
  const isOfItsKind = refusal === undefined ? error === undefined : refusal.test(error ?? "");
  return isOfItsKind && applies(asked);
}
