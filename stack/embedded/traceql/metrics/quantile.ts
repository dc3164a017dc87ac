/** How many values lie in (2^(exponent-1), 2^exponent]; null: not above zero. */
export interface PowerOfTwo {
  readonly exponent: number | null;
  readonly count: number;
}

/**
 * A quantile as far as powers of two know it: within its bucket the values are taken to grow
 * exponentially, as Tempo does, so that the same numbers come out.
 * @param buckets In any order, at least one.
 */
export function quantileOf(buckets: readonly PowerOfTwo[], quantile: number): number {
  const sorted = [...buckets].sort(
    (one, other) => (one.exponent ?? -Infinity) - (other.exponent ?? -Infinity),
  );
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  const wanted = Math.ceil(quantile * total);
  let below = 0;
  for (const { exponent, count } of sorted) {
    if (below + count >= wanted) {
      const share = (wanted - below) / count;
      return exponent === null ? 0 : 2 ** (exponent - 1 + share);
    }
    below += count;
  }
  return upperBound(sorted.at(-1)?.exponent ?? null);
}

/** The largest value of a bucket. */
export function upperBound(exponent: number | null): number {
  return exponent === null ? 0 : 2 ** exponent;
}
