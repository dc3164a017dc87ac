import { collectorMetrics, listStoredMetrics, type StoredMetric, tempoMetrics } from "#contract";
import type { DashboardContext } from "./context.ts";
import { dashboardFile, type Row } from "./dashboard.ts";
import {
  metricTimeseries,
  requestsStoredTimeseries,
  spansStoredTimeseries,
} from "./panels/pipeline.ts";
import { unusualLists } from "./panels/saved-queries.ts";
import { chosenVariables } from "./variables.ts";

/**
 * Whether what the service measures, and the spans that it sends, arrive: from the service to the store.
 * What the traces say comes first; what only a Prometheus knows is folded, since many run without one.
 */
export function pipeline(board: DashboardContext) {
  const whole = board.savedQueries.filter(({ tags }) => tags.includes("contract"));
  const rows: Row[] = [
    {
      title: "What arrives",
      panels: [
        spansStoredTimeseries(board).span(12).height(8),
        requestsStoredTimeseries(board).span(12).height(8),
      ],
    },
    {
      title: "What arrived incomplete",
      panels: unusualLists({ ...board, savedQueries: whole }).map((panel) => panel.span(8)),
    },
    folded("What the service measures", listStoredMetrics(board.contract)),
    folded("The Collector", collectorMetrics),
    folded("Tempo", tempoMetrics),
  ];
  return dashboardFile(board, {
    name: "pipeline",
    brief:
      "What the service measures, and where spans are on their way to the store: look here when traces are missing.",
    refresh: "1m",
    variables: chosenVariables(board),
    rows,
  });
}

function folded(title: string, metrics: readonly StoredMetric[]): Row {
  return {
    title: `${title}, as Prometheus has it`,
    panels: metrics.map((metric) => metricTimeseries(metric).span(8).height(7)),
    isFolded: true,
  };
}
