/** Where Grafana and the viewer differ, and what is known of that. */
import type { ShownText } from "./shown-text.ts";

export interface Difference {
  readonly dashboard: string;
  readonly panel: string;
  /** `numbers`, `row 1`, `legend`, … */
  readonly place: string;
  readonly grafana: string;
  readonly viewer: string;
}

export interface KnownDifference {
  readonly dashboard?: RegExp;
  readonly panel?: RegExp;
  readonly place: RegExp;
  readonly grafana?: RegExp;
  readonly viewer?: RegExp;
  readonly reason: string;
  /** Of one that depends on the minute in which the requests were sent. */
  readonly isSometimes?: true;
}

export function listDifferences(
  where: Pick<Difference, "dashboard" | "panel">,
  grafana: ShownText,
  viewer: ShownText,
): Difference[] {
  const places = [...new Set([...Object.keys(grafana), ...Object.keys(viewer)])];
  return places
    .map((place) => ({
      ...where,
      place,
      grafana: grafana[place] ?? "(not there)",
      viewer: viewer[place] ?? "(not there)",
    }))
    .filter((difference) => difference.grafana !== difference.viewer);
}

function matchesKnown(known: KnownDifference, difference: Difference): boolean {
  return (["dashboard", "panel", "place", "grafana", "viewer"] as const).every(
    (part) => known[part]?.test(difference[part]) ?? true,
  );
}

/** @returns those that are not known, and what is known of differences that are there no more. */
export function judge(differences: readonly Difference[], known: readonly KnownDifference[]) {
  return {
    unknown: differences.filter((one) => !known.some((entry) => matchesKnown(entry, one))),
    over: known.filter(
      (entry) => !entry.isSometimes && !differences.some((one) => matchesKnown(entry, one)),
    ),
  };
}

/** A line each, for a person. */
export function formatTable(differences: readonly Difference[]): string {
  return differences
    .map(
      ({ dashboard, panel, place, grafana, viewer }) =>
        `${dashboard} | ${panel} | ${place}\n    Grafana: ${grafana}\n    viewer:  ${viewer}`,
    )
    .join("\n");
}
