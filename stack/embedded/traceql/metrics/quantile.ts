/** How many values lie in (2^(exponent-1), 2^exponent]; null: not above zero. */
export interface PowerOfTwo {
  readonly exponent: number | null;
  readonly count: number;
}

/**
 * A quantile as far as powers of two know it: the values of a bucket are taken to grow exponentially
 * from the end of the bucket below to its own end, as Tempo does, so that the same numbers come out.
 * Below the lowest bucket there is none, so that one is taken to begin at half of its end.
 * @param buckets The lowest first, at least one.
 */
export function quantileOf(buckets: readonly PowerOfTwo[], quantile: number): number {
  let total = 0;
  for (const { count } of buckets) {
    total += count;
  }
  const wanted = Math.max(1, Math.ceil(quantile * total));
  let below = 0;
  let start: number | null = null;
  for (const { exponent, count } of buckets) {
    if (below + count >= wanted) {
      const share = (wanted - below) / count;
      const first = start ?? (exponent ?? 0) - 1;
      return exponent === null ? 0 : 2 ** (first + (exponent - first) * share);
    }
    below += count;
    start = exponent;
  }
  return upperBound(buckets.at(-1)?.exponent ?? null);
}

/** The lowest first. */
export function comparePowers({ exponent: one }: PowerOfTwo, { exponent: other }: PowerOfTwo) {
  return (one ?? Number.NEGATIVE_INFINITY) - (other ?? Number.NEGATIVE_INFINITY);
}

/** The largest value of a bucket. */
export function upperBound(exponent: number | null): number {
  return exponent === null ? 0 : 2 ** exponent;
}
