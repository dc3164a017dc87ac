const units = [
  { name: "s", nanoseconds: 1e9 },
  { name: "ms", nanoseconds: 1e6 },
  { name: "µs", nanoseconds: 1e3 },
] as const;

/** A duration in the unit that suits it, with three digits at most after the first. */
export function formatDuration(nanoseconds: bigint): string {
  const length = Number(nanoseconds);
  const unit = units.find((candidate) => Math.abs(length) >= candidate.nanoseconds);
  if (unit === undefined) {
    return `${length} ns`;
  }
  const amount = length / unit.nanoseconds;
  return `${amount.toFixed(amount >= 100 ? 0 : amount >= 10 ? 1 : 2)} ${unit.name}`;
}
