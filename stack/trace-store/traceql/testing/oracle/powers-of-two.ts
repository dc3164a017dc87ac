/**
 * Quantiles and histograms know a number by the power of two at or above it only. What is not above
 * zero is one bucket below all others, with the bound 0. NaN and infinity are in none.
 * @param unit The power is of so many times the number: durations are seconds, and their powers
 *   are of nanoseconds.
 * @returns The bound of the bucket, in the number's own unit.
 */
export function computeBucket(number: number, unit: number): number | undefined {
  if (!Number.isFinite(number)) {
    return undefined;
  }
  if (number <= 0) {
    return 0;
  }
  let exponent = -1074;
  while (exponent < 1024 && 2 ** exponent / unit < number) {
    exponent += 1;
  }
  return 2 ** exponent / unit;
}

/**
 * In its bucket, the values are taken to grow exponentially from the bound of the next bucket below
 * that holds any; below the lowest, from half of its own.
 */
export function computeQuantile(
  numbers: readonly number[],
  quantile: number,
  unit: number,
): number {
  const buckets = numbers
    .flatMap((number) => computeBucket(number, unit) ?? [])
    .sort((one, other) => one - other);
  const rank = Math.max(1, Math.ceil(quantile * buckets.length));
  const bound = buckets[rank - 1];
  if (bound === undefined || bound === 0) {
    return 0;
  }
  const below = buckets.filter((one) => one < bound);
  const size = buckets.filter((one) => one === bound).length;
  const start = below.findLast((one) => one > 0) ?? bound / 2;
  return start * (bound / start) ** ((rank - below.length) / size);
}
