import type { Board } from "../boards/board.ts";
import type { KnownMetric, KnownNames } from "./known-names.ts";

/** The metrics that the audited rules record themselves. They add to others, and say nothing alone. */
export function recordedNames(boards: readonly Board[]): KnownNames {
  const names = boards.flatMap(({ records }) => records);
  const metric: KnownMetric = { labels: "any", values: new Map() };
  return {
    source: "the recording rules",
    ...(names.length === 0
      ? {}
      : {
          metrics: {
            byName: new Map(names.map((name) => [name, metric])),
            hasTargetLabels: false,
          },
        }),
  };
}
