/** What a graph shows; more would only be drawn over each other. */
const stepsWanted = 240n;
const secondNs = 1_000_000_000n;
const shortestNs = 50_000_000n;
/** From here on a whole second is nearer than a fraction. */
const longestFractionNs = 250_000_000n;
const unitsNs = [300n, 60n, 15n, 5n, 1n].map((seconds) => seconds * secondNs);

/** The step of a range, as Tempo chooses it: a 240th, rounded down to what a clock shows. */
export function defaultStepNs(rangeNs: bigint): bigint {
  const wantedNs = rangeNs / stepsWanted;
  if (wantedNs < longestFractionNs) {
    return wantedNs < shortestNs ? shortestNs : wantedNs - (wantedNs % shortestNs);
  }
  const unitNs = unitsNs.find((unit) => unit <= wantedNs);
  return unitNs === undefined ? secondNs : wantedNs - (wantedNs % unitNs);
}
