import type { Run } from "./trace-summaries.ts";

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

/**
 * Asks only what the database knows without reading: the least and the most of columns.
 * @returns null when every span that is stored overlaps the range.
 */
export async function readOverlap(
  { startNs, endNs }: TimeRange,
  run: Run,
): Promise<Overlap | null> {
  if (startNs === null && endNs === null) {
    return null;
  }
  const columns = (await run(
    "SELECT min(start_ns), max(start_ns), max(duration_ns) FROM spans",
  )) as (bigint | null)[][];
  const [first = null, last = null, longest = null] = columns.map(([value]) => value);
  if (first === null || last === null || longest === null) {
    return null;
  }
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
