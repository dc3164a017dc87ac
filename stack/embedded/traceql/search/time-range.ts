import type { Run } from "./trace-summaries.ts";

/** Both null: all that is stored. A trace belongs to the range when one of its spans overlaps it. */
export interface TimeRange {
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
}

/** SQL for which spans overlap a range, under the alias `s`. Null: all that are stored do. */
export type Overlap = { readonly inside: string; readonly outside: string } | null;

/** Asks only what the database knows without reading: the least and the most of columns. */
export async function readOverlap({ startNs, endNs }: TimeRange, run: Run): Promise<Overlap> {
  if (startNs === null && endNs === null) {
    return null;
  }
  const [[first] = [], [last] = [], [longest] = []] = (await run(
    "SELECT min(start_ns), max(start_ns), max(duration_ns) FROM spans",
  )) as (bigint | null)[][];
  const isCutAtStart = startNs !== null && first !== null && first !== undefined && first < startNs;
  const isCutAtEnd = endNs !== null && last !== null && last !== undefined && last > endNs;
  const inside = [
    // The first condition of the start says nothing that the second does not, but with it the
    // database knows which parts of the table it need not read.
    ...(isCutAtStart
      ? [`s.start_ns >= ${startNs - (longest ?? 0n)}`, `s.duration_ns >= ${startNs} - s.start_ns`]
      : []),
    ...(isCutAtEnd ? [`s.start_ns <= ${endNs}`] : []),
  ];
  const outside = [
    ...(isCutAtStart ? [`s.duration_ns < ${startNs} - s.start_ns`] : []),
    ...(isCutAtEnd ? [`s.start_ns > ${endNs}`] : []),
  ];
  return inside.length === 0
    ? null
    : { inside: inside.join(" AND "), outside: `(${outside.join(" OR ")})` };
}
