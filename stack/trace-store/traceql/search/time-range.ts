import type { SpanBounds } from "../../store/index.ts";

/** Both null: all that is stored. A trace belongs to the range when one of its spans overlaps it. */
export interface TimeRange {
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
}

/** Which spans, under the alias `s`, overlap a range that some do not. */
export interface Overlap {
  readonly inside: string;
  /** They end before it. Null: none does. */
  readonly before: string | null;
  /** They start after it. Null: none does. */
  readonly after: string | null;
}

/** How a range lies to what is stored. */
export interface StoredRange {
  /** Null: every span that is stored overlaps the range. */
  readonly overlap: Overlap | null;
  /** Where the newest part of it begins, which is small beside the whole. */
  readonly recentNs: bigint;
}

/** The newest part is one of so many. */
const parts = 16n;

/** @param bounds Null while nothing is stored. */
export function computeStoredRange(range: TimeRange, bounds: SpanBounds | null): StoredRange {
  if (bounds === null) {
    return { overlap: null, recentNs: 0n };
  }
  const { firstStartNs: first, lastStartNs: last, longestNs: longest } = bounds;
  const from = range.startNs !== null && range.startNs > first ? range.startNs : first;
  const to = range.endNs !== null && range.endNs < last ? range.endNs : last;
  return {
    overlap: computeOverlap(range, first, last, longest),
    recentNs: to - (to - from) / parts,
  };
}

function computeOverlap(
  { startNs, endNs }: TimeRange,
  first: bigint,
  last: bigint,
  longest: bigint,
): Overlap | null {
  // Written so that no sum is larger than 64 bits.
  const isBefore = startNs !== null && first < startNs ? `${startNs} - s.start_ns` : null;
  const isAfter = endNs !== null && last > endNs;
  const inside = [
    // The first condition says nothing that the second does not, but by it the database knows which
    // parts of the table it need not read.
    ...(startNs === null || isBefore === null
      ? []
      : [`s.start_ns >= ${startNs - longest}`, `s.duration_ns >= ${isBefore}`]),
    ...(isAfter ? [`s.start_ns <= ${endNs}`] : []),
  ];
  return inside.length === 0
    ? null
    : {
        inside: inside.join(" AND "),
        before:
          isBefore === null ? null : `s.start_ns < ${startNs} AND s.duration_ns < ${isBefore}`,
        after: isAfter ? `s.start_ns > ${endNs}` : null,
      };
}
