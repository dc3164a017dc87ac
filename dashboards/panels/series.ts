import type { SeriesName } from "../shapes/series-names.ts";

/** The values of a closed list, each in its colour. */
export function namesOf(colours: ReadonlyMap<string, string>): SeriesName[] {
  return [...colours].map(([value, colour]) => ({ value, colour }));
}
