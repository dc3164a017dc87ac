import { collectorMetrics, storedMetricsOf, tempoMetrics } from "#contract";
import type { Board } from "./board.ts";
import { dashboardFile, type Row } from "./dashboard.ts";
import { metricTimeseries, spansStoredTimeseries } from "./panels/pipeline.ts";
import { chosenVariables } from "./variables.ts";

/** Whether what the server measures, and the spans that it sends, arrive: from the server to the store. */
export function pipeline(board: Board) {
  const own = storedMetricsOf(board.contract);
  const rows: Row[] = [
    {
      title: "What arrives",
      panels: [spansStoredTimeseries(board).span(24).height(8)],
    },
    { title: "What the server measures", panels: own.map(sized) },
    { title: "The Collector", panels: collectorMetrics.map(sized) },
    { title: "Tempo", panels: tempoMetrics.map(sized) },
  ];
  return dashboardFile(board, {
    name: "pipeline",
    meaning:
      "What the server measures, and where spans are on their way to the store: look here when traces are missing.",
    refresh: "1m",
    variables: chosenVariables(board),
    rows,
  });
}

function sized(metric: Parameters<typeof metricTimeseries>[0]) {
  return metricTimeseries(metric).span(8).height(7);
}
